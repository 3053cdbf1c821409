"""What campaigns go by beside the carts, loaded for the carts at hand: nothing where no campaign goes by any."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from libs.postgres.pool import Connection
from services.trigger.db import clicks, orders, reach
from services.trigger.db import facts as facts_db
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.facts import NO_FACTS, Episode, Facts, Wanted
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.occasions import Beside, Occasion
from services.trigger.domain.orders import Customer, OrderKey

NO_ORDER = facts_db.OrderedNow()
NOTHING_HELD: Mapping[Episode, Collection[str]] = MappingProxyType({})


async def load_facts(
    connection: Connection,
    carts: Sequence[CartState],
    campaigns: CampaignsOf,
    held_then: Mapping[Episode, Collection[str]] = NOTHING_HELD,
) -> Facts:
    """The facts for these carts, of those stores whose campaigns go by them: at most five statements for all.

    `held_then` is what some of the episodes held, for they are not in the database.
    """
    wanted = {store_id: campaigns(store_id).wanted for store_id in {cart.store_id for cart in carts}}
    if not any(wanted.values()):
        return NO_FACTS
    found = Facts(segments={store_id: campaigns(store_id).segments for store_id in wanted})
    named = [(cart, (cart.store_id, cart.customer_id)) for cart in carts if cart.customer_id is not None]
    if of_orders := {who for cart, who in named if wanted[cart.store_id].orders}:
        found.orders = await orders.of_customers(connection, of_orders)
    if of_abandoned := {who for cart, who in named if wanted[cart.store_id].abandoned}:
        found.abandoned = await facts_db.abandoned(connection, of_abandoned)
    if of_clicks := {who for cart, who in named if wanted[cart.store_id].clicks}:
        found.clicks = await clicks.of_customers(connection, of_clicks)
    if of_items := [cart for cart, _ in named if wanted[cart.store_id].items]:
        held = await facts_db.held(connection, {cart.cart_id for cart in of_items})
        episodes = {cart: (cart.cart_id, cart.goods_version) for cart in of_items}
        found.holds = {one: held_then.get(one, held.get(one[0], ())) for one in episodes.values()}
        skus = {(cart.store_id, sku) for cart, one in episodes.items() for sku in found.holds[one]}
        found.items = await facts_db.items(connection, skus)
    return found


async def load_facts_of(
    connection: Connection,
    store_id: str,
    customers: Collection[str],
    skus: Collection[str],
    campaigns: StoreCampaigns,
    wanted: Wanted,
) -> Facts:
    """The facts that are `wanted` of some customers and goods of a store: at most three statements."""
    if not wanted:
        return NO_FACTS
    found = Facts(segments={store_id: campaigns.segments})
    people = {(store_id, customer_id) for customer_id in customers}
    if wanted.orders:
        found.orders = await orders.of_customers(connection, people)
    if wanted.abandoned:
        found.abandoned = await facts_db.abandoned(connection, people)
    if wanted.items:
        found.items = await facts_db.items(connection, {(store_id, sku) for sku in skus})
    return found


async def load_beside(
    connection: Connection, found: Sequence[tuple[Occasion, Sequence[Planned]]], campaigns: CampaignsOf
) -> list[Beside]:
    """What each of these occasions' steps go by beside it, nothing where they go by nothing: at most three statements
    for all, and three for each store.
    """
    by_reach = {_customer(one) for one, steps in found if any(s.campaign.left_out_unreachable for s in steps)}
    by_carts = {_customer(one) for one, steps in found if any(s.campaign.leaves_to_carts for s in steps)}
    by_orders = [_order(one, campaigns(one.store_id)) for one, _ in found]
    reached = await reach.among(connection, by_reach)
    with_cart = await facts_db.with_carts(connection, by_carts)
    orders_now = await facts_db.of_orders(connection, {key for key in by_orders if key is not None})
    ordered = [orders_now.get(key, NO_ORDER) if key is not None else NO_ORDER for key in by_orders]
    facts = dict[str, Facts]()
    for store_id in {one.store_id for one, _ in found}:
        customers = {one.customer_id for one, _ in found if one.store_id == store_id}
        skus = {
            sku for (one, _), now in zip(found, ordered, strict=True) if one.store_id == store_id for sku in now.skus
        }
        of_store = campaigns(store_id)
        facts[store_id] = await load_facts_of(
            connection, store_id, customers, skus, of_store, of_store.wanted_on_occasions
        )
    return [
        Beside(facts[one.store_id], reached.get(_customer(one)), *now, has_cart=_customer(one) in with_cart)
        for (one, _), now in zip(found, ordered, strict=True)
    ]


def _customer(occasion: Occasion) -> Customer:
    return occasion.store_id, occasion.customer_id


def _order(occasion: Occasion, campaigns: StoreCampaigns) -> OrderKey | None:
    """The order that it is about, where a campaign asks what that came to."""
    asks = "order_id" in occasion.facts and campaigns.asks_of_orders(occasion.subject)
    return (occasion.store_id, occasion.facts["order_id"]) if asks else None
