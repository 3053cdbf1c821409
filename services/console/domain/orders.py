"""What is told of orders, one fact an event. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.contracts.events import OrderEvent, OrderPlaced

GONE = ("cancelled", "returned", "payment_failed")
"""An order with one of these as its status came to nothing: it earned nothing, and is not counted as one."""


@dataclass(frozen=True, slots=True)
class OrderFact:
    """What one event says of an order: its status and total are those after all that was known then."""

    event_id: UUID
    store_id: str
    order_id: str
    what: str
    told_at: datetime
    happened_at: datetime
    status: str
    customer_id: str | None
    cart_id: UUID | None
    currency: str | None
    total: int | None
    channel: str | None
    placed_at: datetime | None


def fact(event: OrderPlaced | OrderEvent) -> OrderFact:
    """What an event says."""
    happened = event.happened_at if isinstance(event, OrderEvent) else event.placed_at or event.occurred_at
    return OrderFact(
        event.event_id,
        event.store_id,
        event.order_id,
        event.type.removeprefix("order."),
        event.occurred_at,
        happened_at=happened,
        status=event.status or "placed",
        customer_id=event.customer_id,
        cart_id=event.cart_id,
        currency=event.currency,
        total=event.total,
        channel=event.channel,
        placed_at=event.placed_at,
    )
