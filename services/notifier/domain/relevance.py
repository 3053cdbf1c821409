"""The last look judged: does what the reminder says still hold, and is it still wanted? Pure."""

from libs.contracts.events import Channel
from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.kinds.registry import kind_of
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotRecipient


def why_not(reminder: Reminder, snapshot: CartSnapshot | None) -> str | None:
    """Why the reminder must not be sent any more, or None. `snapshot` is None where the cart is not known.

    A cart has to be the customer's, active and not empty; the rest is the kind's own to say. And the cart service,
    which hears of a withdrawn consent first, has to say that they can be reached, and agree where it is marketing.
    """
    kind = kind_of(reminder)
    if snapshot is None:
        return "cart_gone" if kind.about == "cart" else "no_contact"
    gone = _cart_gone(reminder, snapshot) if kind.about == "cart" else _somebody_else(reminder, snapshot)
    return gone or kind.why_not(reminder, snapshot) or _unwanted(reminder.channel, snapshot.recipient, kind)


def _somebody_else(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """Whoever was merged into another customer is no longer known by the old name."""
    cart = snapshot.cart
    theirs = cart.store_id == reminder.store_id and cart.customer_id == reminder.customer_id
    return None if theirs else "no_contact"


def _cart_gone(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    cart = snapshot.cart
    whose = cart.customer_id or snapshot.recipient_id
    if cart.id != reminder.cart_id or cart.store_id != reminder.store_id or whose != reminder.customer_id:
        return "cart_gone"
    if cart.status != "active":
        return {"ordered": "ordered", "merged": "cart_changed", "expired": "cart_gone"}[cart.status]
    if cart.units == 0 or not cart.lines:
        return "emptied"
    return None


def _unwanted(channel: Channel, recipient: SnapshotRecipient | None, kind: Kind) -> str | None:
    if recipient is None or not recipient.reach.get(channel, False):
        return "no_contact"
    wanted = not kind.needs_consent or recipient.consent.get(channel, False)
    return None if wanted else "no_consent"


def outdated(contact: Contact, snapshot: CartSnapshot) -> bool:
    """Whether the cart service knows a newer profile than ours: the address that it agreed to may be another."""
    return snapshot.recipient is not None and snapshot.recipient.profile_version > contact.version
