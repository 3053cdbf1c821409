"""The facts beside carts while recorded events pass by: what the database knows live. Pure.

A trace tells no orders, but which cart was ordered: what that held is what was bought, until an order says it better.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from uuid import UUID

from libs.contracts.events import (
    CartEvent,
    CartOrdered,
    Event,
    LevelSet,
    MessageClicked,
    OrderEvent,
    OrderPlaced,
    ReachErased,
    ReachSet,
)
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.facts import NO_FACTS, Click, Episode, Facts, ItemFacts, Wanted, item_facts
from services.trigger.domain.occasions import Beside, Occasion
from services.trigger.domain.orders import PLACED, BoughtOrder, Customer, CustomerOrder, OrderKey, fold, skus_of
from services.trigger.domain.reach import Reach
from services.trigger.domain.segments import Segment
from services.trigger.domain.traced.full_carts import FullCarts


class TracedFacts:
    """Keeps only what some campaign of the store goes by; with `items` also what those go by that watch items."""

    def __init__(self, campaigns: Callable[[str], StoreCampaigns], *, items: bool) -> None:
        self._campaigns, self._of_items = campaigns, items
        self._segments: dict[str, Mapping[str, Segment]] = {}
        self._orders: dict[Customer, dict[OrderKey, CustomerOrder]] = {}
        self._by_carts: set[OrderKey] = set()
        self._skus: dict[OrderKey, frozenset[str]] = {}
        self._open: dict[UUID, CartState] = {}
        self._holds: dict[Episode, tuple[str, ...]] = {}
        self._levels: dict[tuple[str, str], int] = {}
        self._items: dict[tuple[str, str], ItemFacts] = {}
        self._clicks: dict[Customer, list[Click]] = {}
        self._facts = Facts(segments=self._segments, holds=self._holds, items=self._items, clicks=self._clicks)
        self._full_carts = FullCarts()
        self.reach: dict[Customer, Reach] = {}
        """How customers can be reached, of whom it is known."""

    def of(self, cart: CartState) -> Facts:
        """What is known when a step of this cart is decided on."""
        wanted = self._campaigns(cart.store_id).wanted_by_any
        if not wanted or cart.customer_id is None:
            return NO_FACTS
        if wanted.abandoned:
            self._facts.abandoned.setdefault((cart.store_id, cart.customer_id), {})
        return self.of_people(cart.store_id, (cart.customer_id,), wanted)

    def of_people(self, store_id: str, customers: Iterable[str], wanted: Wanted) -> Facts:
        """What is known of customers, where something is wanted."""
        if not wanted:
            return NO_FACTS
        self._segments[store_id] = self._campaigns(store_id).segments
        people = ((store_id, customer_id) for customer_id in customers)
        self._facts.orders = {who: self._orders[who].values() for who in people if who in self._orders}
        return self._facts

    def beside(self, occasion: Occasion) -> Beside:
        """What is known when a step of an occasion is decided on."""
        campaigns, customer = self._campaigns(occasion.store_id), (occasion.store_id, occasion.customer_id)
        facts = self.of_people(occasion.store_id, (occasion.customer_id,), campaigns.wanted_on_occasions)
        key = (occasion.store_id, occasion.facts.get("order_id", ""))
        order = self._orders.get(customer, {}).get(key) if campaigns.asks_of_orders(occasion.subject) else None
        if order is None:
            return Beside(facts, self.reach.get(customer), has_cart=self._full_carts.of(customer))
        return Beside(facts, self.reach.get(customer), order.total, order.currency, self._skus.get(key, ()))

    def learn(self, event: Event) -> None:
        """Takes in an event that is not about a cart."""
        if isinstance(event, ReachSet):
            known = Reach(event.email, event.sms, event.timezone, event.channels, event.country, event.region)
            self.reach[event.store_id, event.customer_id] = known
        elif isinstance(event, ReachErased):
            self.reach.pop((event.store_id, event.customer_id), None)
        elif isinstance(event, OrderPlaced | OrderEvent):
            if event.customer_id and self._wants_orders(event.store_id):
                self._ordered(event, (event.store_id, event.customer_id))
        elif isinstance(event, MessageClicked):
            # one that may be a machine's must end no campaign
            if event.suspected is None and self._campaigns(event.store_id).wanted_by_any.clicks:
                click = Click(event.campaign, event.occurred_at)
                self._clicks.setdefault((event.store_id, event.customer_id), []).append(click)
        elif isinstance(event, LevelSet) and self._campaigns(event.store_id).wanted_by_any.items:
            item = (event.store_id, event.sku)
            if self._levels.get(item, 0) < event.level_version:
                self._levels[item] = event.level_version
                self._items[item] = item_facts(event)

    def bought(self, customer: Customer) -> Iterator[BoughtOrder]:
        """A customer's orders, each with what it was of."""
        for key, order in self._orders.get(customer, {}).items():
            yield order, self._skus.get(key, frozenset())

    def _wants_orders(self, store_id: str) -> bool:
        campaigns = self._campaigns(store_id)
        asked = campaigns.wanted_by_any.orders or any(map(campaigns.asks_of_orders, campaigns.subjects))
        return asked or (self._of_items and campaigns.watches_items)

    def _ordered(self, event: OrderPlaced | OrderEvent, customer: Customer) -> None:
        orders, key = self._orders.setdefault(customer, {}), (event.store_id, event.order_id)
        before = None if key in self._by_carts else orders.get(key)
        after = fold(before, event)
        assert after is not None, "somebody ordered it"
        orders[key] = after
        if key in self._by_carts:
            self._by_carts.discard(key)
            self._skus.pop(key, None)
        if skus := skus_of(event):
            self._skus.setdefault(key, skus)

    def cart_changed(self, after: CartState, event: CartEvent) -> None:
        """Takes in what an event says of a cart, beside the state that follows from it."""
        if self._campaigns(after.store_id).leaves_to_carts:
            self._full_carts.cart_changed(after)
        if not (self._campaigns(after.store_id).wanted_by_any.items or self._wants_orders(after.store_id)):
            return
        before = self._open.pop(after.cart_id, None)
        held = self._holds.pop((before.cart_id, before.goods_version), ()) if before is not None else ()
        if not after.closed:
            self._open[after.cart_id] = after
            self._holds[after.cart_id, after.goods_version] = tuple(event.holds)
        elif isinstance(event, CartOrdered) and before is not None and before.customer_id is not None:
            key = (event.store_id, event.order_id)
            orders = self._orders.setdefault((before.store_id, before.customer_id), {})
            if key not in orders:
                self._by_carts.add(key)
                self._skus[key] = frozenset(held)
                orders[key] = _of_cart(before, event)


def _of_cart(cart: CartState, event: CartOrdered) -> CustomerOrder:
    return CustomerOrder(
        store_id=event.store_id,
        order_id=event.order_id,
        customer_id=cart.customer_id or "",
        cart_id=cart.cart_id,
        placed_at=event.occurred_at,
        currency=cart.currency,
        total=cart.total,
        status=PLACED,
        channel=None,
        first_told_at=event.occurred_at,
        last_told_at=event.occurred_at,
    )
