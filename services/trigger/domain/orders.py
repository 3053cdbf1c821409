"""A customer's order as all that was told of it says. Pure.

The newest event counts for everything that it says; what it leaves out (an older release wrote it) stays as it was. So
the order in which events come makes no difference, and the same one again changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.contracts.events import OrderEvent, OrderPlaced

Customer = tuple[str, str]
"""Store and customer."""
OrderKey = tuple[str, str]
"""Store and order."""
OrderFact = OrderPlaced | OrderEvent

PLACED = "placed"
TAKEN_OFF = frozenset({"cancelled", "returned", "payment_failed"})
"""Where an order has come to nothing, or was not paid yet: it counts for nothing."""


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """An order; `total` is in minor units of `currency`, less what was cancelled or returned of it.

    `placed_at` is by the shop's clock, or when it was told first. `first_told_at` and `last_told_at` are the times of
    the oldest and the newest event of it.
    """

    store_id: str
    order_id: str
    customer_id: str
    cart_id: UUID | None
    placed_at: datetime
    currency: str | None
    total: int | None
    status: str
    channel: str | None
    first_told_at: datetime
    last_told_at: datetime

    @property
    def key(self) -> OrderKey:
        """What tells it from all others."""
        return self.store_id, self.order_id

    @property
    def counts(self) -> bool:
        """Whether something was bought by it."""
        return self.status not in TAKEN_OFF


BoughtOrder = tuple[CustomerOrder, frozenset[str]]
"""An order, and what it was of at first."""


def fold(known: CustomerOrder | None, event: OrderFact) -> CustomerOrder | None:
    """An order after an event; the very same object where that says nothing new, None while nobody ordered it."""
    if known is None:
        return _first(event) if event.customer_id else None
    newer = event.occurred_at > known.last_told_at
    if event.occurred_at == known.last_told_at:  # what had waited for its order is told with it
        newer = isinstance(event, OrderEvent)
    after = _told_newer(known, event) if newer else _told_older(known, event)
    return known if after == known else after


def _first(event: OrderFact) -> CustomerOrder:
    return CustomerOrder(
        store_id=event.store_id,
        order_id=event.order_id,
        customer_id=event.customer_id or "",
        cart_id=event.cart_id,
        placed_at=event.placed_at or event.occurred_at,
        currency=event.currency,
        total=event.total,
        status=event.status or PLACED,
        channel=event.channel,
        first_told_at=event.occurred_at,
        last_told_at=event.occurred_at,
    )


def _told_newer(known: CustomerOrder, event: OrderFact) -> CustomerOrder:
    """Who ordered, once known, is not unsaid. An older release told an order again without its status."""
    again = isinstance(event, OrderPlaced) and event.told_before
    return replace(
        known,
        customer_id=event.customer_id or known.customer_id,
        cart_id=event.cart_id or known.cart_id,
        placed_at=event.placed_at or known.placed_at,
        currency=event.currency or known.currency,
        total=known.total if event.total is None else event.total,
        status=event.status or (known.status if again else PLACED),
        channel=event.channel or known.channel,
        last_told_at=event.occurred_at,
    )


def _told_older(known: CustomerOrder, event: OrderFact) -> CustomerOrder:
    guessed = known.placed_at == known.first_told_at
    return replace(
        known,
        cart_id=known.cart_id or event.cart_id,
        placed_at=(event.placed_at or event.occurred_at) if guessed else known.placed_at,
        currency=known.currency or event.currency,
        total=event.total if known.total is None else known.total,
        channel=known.channel or event.channel,
        first_told_at=min(known.first_told_at, event.occurred_at),
    )


def skus_of(event: OrderFact) -> frozenset[str]:
    """What an order is of, as an event of it says; empty where it says nothing of that."""
    named = event.skus if isinstance(event, OrderPlaced) else ()
    return frozenset(line.sku for line in event.lines or ()) or frozenset(named)


def last_placed(orders: Iterable[CustomerOrder]) -> datetime | None:
    """When the newest of the orders that count was placed."""
    return max((order.placed_at for order in orders if order.counts), default=None)
