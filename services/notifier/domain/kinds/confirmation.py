"""Asks whoever has an address whether they want to be reminded there: it names no goods, and leads to a yes. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`nothing_to_confirm` where it was answered meanwhile, or nobody agreed to anything that has to be."""
    recipient = snapshot.recipient
    waits = recipient is not None and reminder.channel in recipient.unconfirmed
    return None if waits else "nothing_to_confirm"


def _no_goods(_reminder: Reminder, _snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    return ()


def _none(_reminder: Reminder, _snapshot: CartSnapshot) -> int:
    return 0


CONFIRMATION = Kind(why_not, _none, lines=_no_goods, about="customer", purpose="confirmation", link="confirm")
