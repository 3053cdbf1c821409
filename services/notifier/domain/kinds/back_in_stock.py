"""Tells that an item in the cart, or that somebody asked for, is there again: it holds while there is some. Pure."""

from collections.abc import Mapping

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where the customer ordered after it had come, `not_in_cart`, `level_unknown`, `sold_out` once more."""
    if snapshot.silent_since is not None and snapshot.silent_since >= reminder.due_at:
        return "ordered"
    if all(line.sku != reminder.sku for line in snapshot.cart.lines):
        return "not_in_cart"
    return _none_left(reminder, snapshot)


def why_not_told(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """Of somebody who asked for it: `not_watched` where they wait for it no more, `level_unknown`, `sold_out` again."""
    return "not_watched" if snapshot.watched is None else _none_left(reminder, snapshot)


def _none_left(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    level = snapshot.inventory.get(reminder.sku or "")
    if level is None:
        return "level_unknown"
    return "sold_out" if level <= 0 else None


def to_item(_reminder: Reminder, snapshot: CartSnapshot) -> str:
    """To the item's page, or to the shop."""
    return (snapshot.watched.url if snapshot.watched else None) or snapshot.recovery_url


def left(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units there are."""
    return max(0, snapshot.inventory.get(reminder.sku or "") or 0)


def items(reminder: Reminder, snapshot: CartSnapshot) -> Mapping[str, int]:
    """The item, with the units that there are."""
    return {reminder.sku: left(reminder, snapshot)} if reminder.sku else {}


BACK_IN_STOCK = Kind(why_not, left, badge="back_in_stock.badge", items=items)
WATCHED_IS_BACK = Kind(
    why_not_told,
    left,
    badge="back_in_stock.badge",
    items=items,
    lines=lambda _reminder, _snapshot: (),
    leads_to=to_item,
    about="customer",
)
