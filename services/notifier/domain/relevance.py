"""The last look judged: does what the reminder says still hold? Pure."""

from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot


def why_not(reminder: Reminder, snapshot: CartSnapshot | None) -> str | None:
    """Why the reminder must not be sent any more, or None. `snapshot` is None where the cart is not known.

    Of any kind the cart has to be the customer's, active and not empty; the rest is the kind's own to say.
    """
    if snapshot is None:
        return "cart_gone"
    cart = snapshot.cart
    if cart.id != reminder.cart_id or cart.store_id != reminder.store_id or cart.customer_id != reminder.customer_id:
        return "cart_gone"
    if cart.status != "active":
        return {"ordered": "ordered", "merged": "cart_changed", "expired": "cart_gone"}[cart.status]
    if cart.units == 0 or not cart.lines:
        return "emptied"
    return KINDS[reminder.kind].why_not(reminder, snapshot)
