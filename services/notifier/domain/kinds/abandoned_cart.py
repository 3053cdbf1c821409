"""Reminds of a cart that went quiet: it holds as long as the goods are as they were. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where the customer has ordered since, `cart_changed` where goods or quantities have changed."""
    if snapshot.silent_since is not None:
        return "ordered"
    if snapshot.goods_version is None:
        return None if snapshot.cart.version == reminder.cart_version else "cart_changed"
    # a trigger of an older release names the version of a later note: the goods are as they were then, too
    return None if snapshot.goods_version <= reminder.cart_version else "cart_changed"


def units(_reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units are in the cart."""
    return snapshot.cart.units


ABANDONED_CART = Kind(why_not, units, once_a_cart=True, latest_cart_only=True)
