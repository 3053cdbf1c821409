"""The facts beside carts while recorded events pass by: what the database knows live. Pure.

A trace tells no orders, but which cart was ordered: what that held is what was bought, until an order says it better.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

from libs.contracts.events import CartEvent, CartOrdered, Event, LevelSet, OrderEvent, OrderPlaced
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.facts import NO_FACTS, Episode, Facts, ItemFacts, item_facts
from services.trigger.domain.orders import PLACED, Customer, CustomerOrder, OrderKey, fold
from services.trigger.domain.segments import Segment


class TracedFacts:
    """Keeps only what some campaign of the store goes by."""

    def __init__(self, campaigns: Callable[[str], StoreCampaigns]) -> None:
        self._campaigns = campaigns
        self._segments: dict[str, Mapping[str, Segment]] = {}
        self._orders: dict[Customer, dict[OrderKey, CustomerOrder]] = {}
        self._by_carts: set[OrderKey] = set()
        self._open: dict[UUID, CartState] = {}
        self._holds: dict[Episode, tuple[str, ...]] = {}
        self._levels: dict[tuple[str, str], int] = {}
        self._items: dict[tuple[str, str], ItemFacts] = {}
        self._facts = Facts(segments=self._segments, holds=self._holds, items=self._items)

    def of(self, cart: CartState) -> Facts:
        """What is known when a step of this cart is decided on."""
        campaigns, facts = self._campaigns(cart.store_id), self._facts
        if not campaigns.wanted or cart.customer_id is None:
            return NO_FACTS
        customer = (cart.store_id, cart.customer_id)
        self._segments[cart.store_id] = campaigns.segments
        facts.orders = {customer: self._orders.get(customer, {}).values()}
        if campaigns.wanted.abandoned:
            facts.abandoned.setdefault(customer, {})
        return facts

    def learn(self, event: Event) -> None:
        """Takes in an event that is not about a cart."""
        if isinstance(event, OrderPlaced | OrderEvent):
            if event.customer_id and self._campaigns(event.store_id).wanted.orders:
                self._ordered(event, (event.store_id, event.customer_id))
        elif isinstance(event, LevelSet) and self._campaigns(event.store_id).wanted.items:
            item = (event.store_id, event.sku)
            if self._levels.get(item, 0) < event.level_version:
                self._levels[item] = event.level_version
                self._items[item] = item_facts(event)

    def _ordered(self, event: OrderPlaced | OrderEvent, customer: Customer) -> None:
        orders, key = self._orders.setdefault(customer, {}), (event.store_id, event.order_id)
        before = None if key in self._by_carts else orders.get(key)
        after = fold(before, event)
        if after is not None:
            orders[key] = after
            self._by_carts.discard(key)

    def cart_changed(self, after: CartState, event: CartEvent) -> None:
        """Takes in what an event says of a cart, beside the state that follows from it."""
        wanted = self._campaigns(after.store_id).wanted
        if not (wanted.items or wanted.orders):
            return
        before = self._open.pop(after.cart_id, None)
        if before is not None:
            self._holds.pop((before.cart_id, before.goods_version), None)
        if not after.closed:
            self._open[after.cart_id] = after
            self._holds[after.cart_id, after.goods_version] = tuple(event.holds)
        elif isinstance(event, CartOrdered) and before is not None and before.customer_id is not None:
            key = (event.store_id, event.order_id)
            orders = self._orders.setdefault((before.store_id, before.customer_id), {})
            if key not in orders:
                self._by_carts.add(key)
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
