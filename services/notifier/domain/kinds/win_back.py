"""Writes to whoever has not ordered for long: it holds unless they have, or have something in their cart. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where their last order is not the one it counts from, `cart_active` where their cart holds goods: that
    is another campaign's.
    """
    began = reminder.quiet_since or reminder.due_at
    if snapshot.ordered_at is not None and snapshot.ordered_at > began:
        return "ordered"
    return "cart_active" if snapshot.cart.units else None


def _no_lines(_reminder: Reminder, _snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    return ()


def _none(_reminder: Reminder, _snapshot: CartSnapshot) -> int:
    return 0


WIN_BACK = Kind(why_not, _none, lines=_no_lines, about="customer")
