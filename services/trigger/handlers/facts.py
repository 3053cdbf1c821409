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
from services.trigger.domain.reach import ReachOf

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
    connection: Connection, occasion: Occasion, steps: Sequence[Planned], campaigns: StoreCampaigns
) -> Beside:
    """What these steps of an occasion go by beside it; nothing where they go by nothing."""
    store_id, customer_id = occasion.store_id, occasion.customer_id
    reached: ReachOf = {}
    if any(step.campaign.left_out_unreachable for step in steps):
        reached = await reach.among(connection, {(store_id, customer_id)})
    total, currency, skus = None, None, list[str]()
    if "order_id" in occasion.facts and campaigns.asks_of_orders(occasion.subject):
        total, currency, skus = await facts_db.of_order(connection, store_id, occasion.facts["order_id"])
    facts = await load_facts_of(connection, store_id, [customer_id], skus, campaigns, campaigns.wanted_on_occasions)
    has_cart = any(step.campaign.leaves_to_carts for step in steps) and await facts_db.has_cart(
        connection, store_id, customer_id
    )
    return Beside(facts, reached.get((store_id, customer_id)), total, currency, skus, has_cart)
