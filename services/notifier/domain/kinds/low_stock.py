"""Tells that an item in the cart runs low: it holds as long as a few are left and the item is in the cart. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot

CEILING_WITHOUT_THRESHOLD = 8
"""A reminder that names no threshold holds up to here: the design's threshold of 5 and its re-arm of 3."""


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where the customer ordered after the item had run low, `not_in_cart`, `level_unknown`, `sold_out`,
    `restocked`, or None while the item runs low.
    """
    if snapshot.silent_since is not None and snapshot.silent_since >= reminder.due_at:
        return "ordered"
    if all(line.sku != reminder.sku for line in snapshot.cart.lines):
        return "not_in_cart"
    level = snapshot.inventory.get(reminder.sku or "")
    if level is None:
        return "level_unknown"
    if level <= 0:
        return "sold_out"
    ceiling = CEILING_WITHOUT_THRESHOLD if reminder.threshold is None else reminder.threshold
    return "restocked" if level > ceiling else None


def left(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many of the item are left."""
    return snapshot.inventory.get(reminder.sku or "") or 0


LOW_STOCK = Kind(why_not, left, badge="low_stock.badge")
