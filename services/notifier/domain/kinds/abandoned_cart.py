"""Reminds of a cart that went quiet: it holds as long as the cart is as it was. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`cart_changed` where the cart has another version than the one that went quiet."""
    return None if snapshot.cart.version == reminder.cart_version else "cart_changed"


def units(_reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units are in the cart."""
    return snapshot.cart.units


ABANDONED_CART = Kind(why_not, units, once_a_cart=True, latest_cart_only=True)
