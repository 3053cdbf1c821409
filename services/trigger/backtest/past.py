"""What became of the messages that went out then: those that came to nothing tell who could not be reached. Pure."""

from typing import Final
from uuid import UUID

from libs.contracts.events import (
    Event,
    MessageBounced,
    MessageCancelled,
    MessageComplained,
    MessageDelivered,
    MessageFailed,
    MessageSent,
    MessageUnsubscribed,
    ReachSet,
)

UNDELIVERABLE: Final = "undeliverable"
"""The reason of a message that its provider took and could not deliver."""
_OF_ADDRESS: Final = frozenset({"no_contact", "no_consent", "suppressed", "unusable_address"})
"""What holds for every later message by that channel, too, until something else is told."""
_OF_OURS: Final = frozenset(
    {"unknown_kind", "unknown_channel", "unknown_provider", "unknown_template", "broken_template", "missing_variable"}
    | {"provider_not_configured", "store_closed", "no_sender"}
)
"""What somebody of the shop repairs: no draft has the same fault."""
_FOUND_ANYWAY: Final = frozenset(
    {"ordered", "emptied", "cart_changed", "cart_gone", "not_in_cart", "called_off", "newer_cart"}
    | {"one_sms_per_cart"}
)
"""What the backtest works out by itself, for each version."""


class PastMessages:
    """Messages that came to nothing, by reminder, and the channels that were closed to customers then.

    Memory is that of the messages that came to nothing.
    """

    def __init__(self) -> None:
        self._nothing: dict[bytes, str] = {}
        self._closed: dict[tuple[str, str], str] = {}

    def foresee(self, event: Event) -> None:
        """Takes in what was told later of a message, before anything is led past: the same facts give its id again."""
        match event:
            case MessageCancelled(reason=str(reason)) if reason not in _OF_OURS | _FOUND_ANYWAY:
                self._nothing[event.reminder_id.bytes] = reason
            case MessageFailed(reason=str(reason)) if reason not in _OF_OURS:
                self._nothing[event.reminder_id.bytes] = reason
            case MessageBounced(weight="hard" | "soft"):
                self._nothing[event.reminder_id.bytes] = UNDELIVERABLE

    def learn(self, event: Event) -> None:
        """Takes in, in order of time, whatever tells which channels are open to whom."""
        match event:
            case MessageCancelled(reason=str(reason)) | MessageFailed(reason=str(reason)) if reason in _OF_ADDRESS:
                self._closed[event.customer_id, event.channel] = reason
            case MessageBounced(weight="hard") | MessageComplained() | MessageUnsubscribed():
                self._closed[event.customer_id, event.channel] = "suppressed"
            case MessageSent() | MessageDelivered():
                self._closed.pop((event.customer_id, event.channel), None)
            case ReachSet():
                told = {"email": event.email, "sms": event.sms} | dict.fromkeys(event.channels or (), True)
                for channel in (name for name, is_open in told.items() if is_open):
                    self._closed.pop((event.customer_id, channel), None)

    def __bool__(self) -> bool:
        """Whether a message is known that came to nothing."""
        return bool(self._nothing)

    def why_not(self, reminder_id: UUID) -> str | None:
        """Why that message came to nothing, or None."""
        return self._nothing.get(reminder_id.bytes)

    def closed(self, customer_id: str, channel: str) -> str | None:
        """Why the channel is closed to a customer by now, as messages tell; None where they don't."""
        return self._closed.get((customer_id, channel))
