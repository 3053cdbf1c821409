"""Tells that items in the cart run low: it holds as long as a few are left of one of them that is in the cart. Pure."""

from collections.abc import Mapping

from libs.contracts.events import LowItem
from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot

CEILING_WITHOUT_THRESHOLD = 8
"""A reminder that names no threshold holds up to here: the design's threshold of 5 and its re-arm of 3."""


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where the customer ordered after the item had run low; None while one of the items runs low. Else what
    became of the first: `not_in_cart`, `level_unknown`, `sold_out`, `restocked`.
    """
    if snapshot.silent_since is not None and snapshot.silent_since >= reminder.due_at:
        return "ordered"
    return None if low(reminder, snapshot) else _ended(_all(reminder)[0], snapshot)


def low(reminder: Reminder, snapshot: CartSnapshot) -> Mapping[str, int]:
    """The items that still run low, with the units left of each; the one that the reminder names comes first."""
    items = (item.sku for item in _all(reminder) if _ended(item, snapshot) is None)
    return {sku: level for sku in items if (level := snapshot.inventory[sku]) is not None}


def left(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units are left of the first of them."""
    return next(iter(low(reminder, snapshot).values()), 0)


def _all(reminder: Reminder) -> tuple[LowItem, ...]:
    return (LowItem(sku=reminder.sku or "", threshold=reminder.threshold), *reminder.also_low)


def _ended(item: LowItem, snapshot: CartSnapshot) -> str | None:
    if all(line.sku != item.sku for line in snapshot.cart.lines):
        return "not_in_cart"
    level = snapshot.inventory.get(item.sku)
    if level is None:
        return "level_unknown"
    if level <= 0:
        return "sold_out"
    ceiling = CEILING_WITHOUT_THRESHOLD if item.threshold is None else item.threshold
    return "restocked" if level > ceiling else None


LOW_STOCK = Kind(
    why_not, left, badge="low_stock.badge", left="low_stock_several.left", items=low, purpose="stock_alerts"
)
