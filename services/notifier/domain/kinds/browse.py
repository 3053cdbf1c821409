"""Reminds of what a customer looked at: it holds while they have no cart, and some of it can be bought. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`has_cart` where their cart holds goods: that is other campaigns' to remind of; `nothing_viewed` where they have
    set aside or ordered all of it, or it is forgotten; `sold_out` where nothing of it is left.
    """
    if snapshot.cart.units:
        return "has_cart"
    if not _still(snapshot):
        return "nothing_viewed"
    return None if lines(reminder, snapshot) else "sold_out"


def _still(snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    aside = {line.sku for line in snapshot.cart.saved}
    return tuple(item.line for item in snapshot.viewed if item.sku not in aside)


def lines(_reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """What of it can be ordered, the newest first."""
    return snapshot.left_of(_still(snapshot))


def leads_to(reminder: Reminder, snapshot: CartSnapshot) -> str:
    """To the page of what they looked at last, or to the shop."""
    first = next(iter(lines(reminder, snapshot)), None)
    return (first.url if first else None) or snapshot.recovery_url


def counted(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many items it shows."""
    return len(lines(reminder, snapshot))


def no_currency(_reminder: Reminder, _snapshot: CartSnapshot) -> None:
    """No price is known of them, and none is shown."""


BROWSE = Kind(why_not, counted, lines=lines, leads_to=leads_to, currency=no_currency, about="customer")
