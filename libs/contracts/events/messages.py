"""What is to be sent, and what became of it."""

from typing import ClassVar, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.contracts.events.base import Event
from libs.contracts.topics import MESSAGE_EVENTS, REMINDER_REQUESTS

Channel: TypeAlias = str
"""`email`, `sms`, or one that a newer release knows: whoever acts on it decides whether it can."""
CampaignKind: TypeAlias = str
"""`abandoned_cart`, `low_stock`, or one that a newer release knows, as `Channel`."""


class ReminderRequested(Event):
    """The trigger's wish that a message be sent. The same facts give the same `reminder_id`.

    `step` counts from 1. `expires_at` is `due_at` plus the step's lateness budget. `threshold` is the level under which
    a low-stock reminder still holds.
    """

    type: ClassVar[str] = "reminder.requested"
    topic: ClassVar[str] = REMINDER_REQUESTS.name

    reminder_id: UUID
    store_id: str
    customer_id: str
    campaign: str
    kind: CampaignKind
    step: int = Field(ge=1)
    channel: Channel
    template: str
    cart_id: UUID
    cart_version: int = Field(ge=1)
    sku: str | None = None
    threshold: int | None = None
    due_at: AwareDatetime
    expires_at: AwareDatetime
    variant: str | None = None
    coupon: str | None = None

    def key(self) -> str:
        """One customer, one partition."""
        return self.customer_id


class MessageEvent(Event):
    """What became of a reminder. `reason` is a stable word such as `ordered` or `no_consent`."""

    topic: ClassVar[str] = MESSAGE_EVENTS.name

    reminder_id: UUID
    store_id: str
    customer_id: str
    campaign: str
    kind: CampaignKind
    step: int
    channel: Channel
    cart_id: UUID
    variant: str | None = None
    reason: str | None = None
    provider_id: str | None = None

    def key(self) -> str:
        """One customer, one partition."""
        return self.customer_id


class MessageSent(MessageEvent):
    """The provider has taken the message."""

    type: ClassVar[str] = "message.sent"


class MessageCancelled(MessageEvent):
    """The message was not sent because it would not be true, wanted or allowed."""

    type: ClassVar[str] = "message.cancelled"


class MessageExpired(MessageEvent):
    """The message was not sent because its time had passed."""

    type: ClassVar[str] = "message.expired"


class MessageFailed(MessageEvent):
    """The provider refused the message for good."""

    type: ClassVar[str] = "message.failed"


class MessageUnknown(MessageEvent):
    """The process died between the provider's answer and the record: it may have been sent."""

    type: ClassVar[str] = "message.unknown"
