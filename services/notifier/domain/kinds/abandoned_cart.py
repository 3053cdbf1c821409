"""Reminds of a cart that went quiet: it holds as long as the goods are as they were. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where the customer has ordered since, unless the campaign goes on then, `cart_changed` where goods or
    quantities have changed, `sold_out` where nothing of it is left, `worth_nothing` where what is left costs nothing.
    """
    if snapshot.silent_since is not None and reminder.ended_by_order:
        return "ordered"
    # a trigger of an older release names the version of a later note: the goods are as they were then, too
    version, told = snapshot.goods_version, reminder.cart_version
    if told is None or (snapshot.cart.version != told if version is None else version > told):
        return "cart_changed"
    if not snapshot.sellable:
        return "sold_out"
    return None if any(line.total for line in snapshot.sellable) else "worth_nothing"


def units(_reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units in the cart can be ordered."""
    return sum(line.quantity for line in snapshot.sellable)


ABANDONED_CART = Kind(why_not, units, purpose="cart_reminders", once_a_cart=True, latest_cart_only=True)
