"""Tells that an item in the cart, or that somebody asked for, is there again: it holds while there is some. Pure."""

from collections.abc import Mapping

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where the customer ordered after it had come, `not_in_cart`, `level_unknown`, `sold_out` once more."""
    if snapshot.silent_since is not None and snapshot.silent_since >= reminder.due_at:
        return "ordered"
    if all(line.sku != reminder.sku for line in snapshot.cart.lines):
        return "not_in_cart"
    return _none_left(reminder, snapshot)


def why_not_told(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """Of somebody who asked for it or has it aside: `not_watched` where they wait for it no more, `level_unknown`,
    `sold_out` again.
    """
    waits = snapshot.watched is not None or aside(reminder, snapshot)
    return _none_left(reminder, snapshot) if waits else "not_watched"


def aside(reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """The item's line where it is set aside for later, the newest, and nobody asked for it."""
    found = [line for line in snapshot.cart.saved if line.sku == reminder.sku]
    return () if snapshot.watched is not None else tuple(found[-1:])


def shown(reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """The item with its picture where they asked for it and one is known, or as it is set aside."""
    if snapshot.watched is not None:
        return (snapshot.watched.line,) if snapshot.watched.image_url else ()
    return aside(reminder, snapshot)


def currency(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """That of the line that it shows."""
    return next((line.currency for line in aside(reminder, snapshot)), None)


def _none_left(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    level = snapshot.units_left(reminder.sku or "")
    if level is None:
        return "level_unknown"
    return "sold_out" if level == 0 else None


def to_item(_reminder: Reminder, snapshot: CartSnapshot) -> str:
    """To the item's page where they asked for it, or to what is set aside, or to the shop."""
    return (snapshot.watched.url if snapshot.watched else None) or snapshot.recovery_url


def left(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units there are."""
    return snapshot.units_left(reminder.sku or "") or 0


def items(reminder: Reminder, snapshot: CartSnapshot) -> Mapping[str, int]:
    """The item, with the units that there are."""
    return {reminder.sku: left(reminder, snapshot)} if reminder.sku else {}


BACK_IN_STOCK = Kind(why_not, left, badge="back_in_stock.badge", items=items, purpose="stock_alerts")
WATCHED_IS_BACK = Kind(
    why_not_told,
    left,
    badge="back_in_stock.badge",
    items=items,
    lines=shown,
    leads_to=to_item,
    currency=currency,
    about="customer",
    purpose="stock_alerts",
)
