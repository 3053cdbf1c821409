"""Tells that an item in the cart, once sold out, is there again: it holds while there is some. Pure."""

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
    level = snapshot.inventory.get(reminder.sku or "")
    if level is None:
        return "level_unknown"
    return "sold_out" if level <= 0 else None


def left(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units there are."""
    return max(0, snapshot.inventory.get(reminder.sku or "") or 0)


def items(reminder: Reminder, snapshot: CartSnapshot) -> Mapping[str, int]:
    """The item, with the units that there are."""
    return {reminder.sku: left(reminder, snapshot)} if reminder.sku else {}


BACK_IN_STOCK = Kind(why_not, left, badge="back_in_stock.badge", items=items)
