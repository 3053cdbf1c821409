"""A product of an order that somebody would like to have every month: asked with the news that the order has arrived,
and once more by a message of its own, which leads to the yes that counts. We order nothing: the shop is told. Pure.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from libs.contracts.events import ReminderRequested
from services.notifier.domain.confirmation import LATENESS
from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.kinds.order_messages import unless
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine, SnapshotOrder

KIND: Final = "monthly_confirmation"
ASKED_WITH: Final = "order_delivered"
"""The kind of message that carries the first question, as a letter; a text would cost a segment more."""
ASKED_DAYS: Final = timedelta(days=30)
"""For how long that question can be answered."""
UNCONFIRMED_DAYS: Final = timedelta(days=30)
"""So long is a wish kept that nobody has confirmed: longer than any link to confirm it counts."""

_IDS: Final = UUID("6a0e35e6-5b6b-5a0f-8f0c-2f9f9b7b6d54")
_OVER: Final = ("payment_failed", "cancelled", "returned")


def product_of(order: SnapshotOrder | None) -> SnapshotLine | None:
    """The product that may come every month: the only one that an order still holds, where it stands; else None."""
    if order is None or order.status in _OVER or len({line.sku for line in order.lines}) != 1:
        return None
    return order.lines[0]


def asks_for_yes(wish: tuple[str, str, str], sku: str, asked: int, now: datetime) -> ReminderRequested:
    """The message that asks for a yes to a wish: of which store, of whom, from which order. `asked` tells the second
    from the first.
    """
    store_id, customer_id, order_id = wish
    told = f"{store_id}:{customer_id}:{order_id}:{asked}:{now.isoformat()}"
    return ReminderRequested(
        event_id=uuid5(_IDS, f"event:{told}"),
        occurred_at=now,
        reminder_id=uuid5(_IDS, told),
        store_id=store_id,
        customer_id=customer_id,
        campaign=KIND,
        kind=KIND,
        step=1,
        channel="email",
        template=KIND,
        order_id=order_id,
        sku=sku,
        due_at=now,
        expires_at=now + LATENESS,
    )


def _lines(reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """What of the order the wish is about."""
    lines = snapshot.order.lines if snapshot.order else ()
    return tuple(line for line in lines if line.sku == reminder.sku)


def _units(reminder: Reminder, snapshot: CartSnapshot) -> int:
    return sum(line.quantity for line in _lines(reminder, snapshot))


def _why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """As the news of its arrival, and `returned` where the product is in the order no more."""
    stands: Callable[[Reminder, CartSnapshot], str | None] = unless(*_OVER)
    return stands(reminder, snapshot) or (None if _lines(reminder, snapshot) else "returned")


MONTHLY_CONFIRMATION = Kind(
    _why_not, _units, lines=_lines, about="customer", purpose="transactional", link="monthly_confirm"
)
