"""Products of an order that somebody would like to have every month, or as often as the store says: asked with the news
that the order has arrived, and once more by a message of its own, which leads to the yes that counts. We order nothing:
the shop is told. Pure.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from libs.contracts.events import LowItem, ReminderRequested
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

MOST: Final = 10
"""Of so many products one letter asks; further ones of its order are left out."""
_IDS: Final = UUID("6a0e35e6-5b6b-5a0f-8f0c-2f9f9b7b6d54")
_OVER: Final = ("payment_failed", "cancelled", "returned")


def products_of(order: SnapshotOrder | None, marked: Sequence[str]) -> tuple[SnapshotLine, ...]:
    """The products that may come again, each once: those of an order that a store has `marked` by sku (`coffee-*`: all
    that begin so), ten at most; where it has marked none, the only one. None where the order stands no more.
    """
    if order is None or order.status in _OVER:
        return ()
    found: dict[str, SnapshotLine] = {}
    for line in order.lines:
        found.setdefault(line.sku, line)
    if not marked:
        return tuple(found.values()) if len(found) == 1 else ()
    return tuple(line for sku, line in found.items() if any(_is(sku, one) for one in marked))[:MOST]


def asks_for_yes(wish: tuple[str, str, str], skus: Sequence[str], asked: int, now: datetime) -> ReminderRequested:
    """The message that asks for a yes to a wish: of which store, of whom, from which order. `asked` tells the second
    from the first.
    """
    store_id, customer_id, order_id = wish
    told = f"{store_id}:{customer_id}:{order_id}:{asked}:{now.isoformat()}"
    first, *further = skus
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
        sku=first,
        also_low=tuple(LowItem(sku=sku) for sku in further) or None,
        due_at=now,
        expires_at=now + LATENESS,
    )


def _is(sku: str, marked: str) -> bool:
    return sku.startswith(marked[:-1]) if marked.endswith("*") else sku == marked


def _wished(reminder: Reminder) -> set[str]:
    return {reminder.sku or "", *(item.sku for item in reminder.also_low)}


def _lines(reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """What of the order the wish is about."""
    wished, lines = _wished(reminder), snapshot.order.lines if snapshot.order else ()
    return tuple(line for line in lines if line.sku in wished)


def _units(reminder: Reminder, snapshot: CartSnapshot) -> int:
    return sum(line.quantity for line in _lines(reminder, snapshot))


def _why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """As the news of its arrival, and `returned` where one of the products is in the order no more."""
    stands: Callable[[Reminder, CartSnapshot], str | None] = unless(*_OVER)
    left = {line.sku for line in _lines(reminder, snapshot)}
    return stands(reminder, snapshot) or (None if left == _wished(reminder) else "returned")


MONTHLY_CONFIRMATION = Kind(
    _why_not, _units, lines=_lines, about="customer", purpose="transactional", link="monthly_confirm"
)
