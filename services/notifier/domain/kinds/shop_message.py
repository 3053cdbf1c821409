"""A message of a shop's own words, which its server has handed over: it is about nobody but its customer. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.purposes import Purpose
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine

LINK = "link"
"""The variable that says where the button leads, instead of to the shop."""


def _holds(_reminder: Reminder, _snapshot: CartSnapshot) -> None:
    """It claims nothing that could have changed."""


def _none(_reminder: Reminder, _snapshot: CartSnapshot) -> int:
    return 0


def _no_goods(_reminder: Reminder, _snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    return ()


def leads_to(reminder: Reminder, snapshot: CartSnapshot) -> str:
    """Where the shop says, or to the cart or the shop."""
    return (reminder.variables or {}).get(LINK) or snapshot.recovery_url


def shop_message(purpose: Purpose) -> Kind:
    """The kind of such messages that are sent for a purpose."""
    return Kind(_holds, _none, lines=_no_goods, leads_to=leads_to, about="customer", purpose=purpose)
