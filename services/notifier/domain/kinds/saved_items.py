"""Reminds of what a customer has set aside for later: it holds while some of it is, and can be bought. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`nothing_saved` where nothing is aside any more, `sold_out` where nothing of it is left."""
    if not snapshot.cart.saved:
        return "nothing_saved"
    return None if lines(reminder, snapshot) else "sold_out"


def lines(_reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """What is aside and can be ordered, in the currency of what was set aside last: amounts in several don't add up."""
    found = snapshot.left_of(snapshot.cart.saved)
    return tuple(line for line in found if line.currency == found[-1].currency)


def currency(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """That of its lines, which may be another than the cart's."""
    return next((line.currency for line in lines(reminder, snapshot)), None)


def units(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units it shows."""
    return sum(line.quantity for line in lines(reminder, snapshot))


SAVED_ITEMS = Kind(why_not, units, lines=lines, currency=currency, about="customer", purpose="cart_reminders")
