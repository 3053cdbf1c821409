"""Reminders one by one, and a customer's line of time, as the console has read them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.console.domain.figures import Money


@dataclass(frozen=True, slots=True)
class Message:
    """A reminder one by one: `state` is skipped, waiting, sent, delivered, clicked, bounced, complained, cancelled,
    expired, failed or unknown; `reason` is of the state, `provider` by whom it went.
    """

    reminder_id: UUID
    at: datetime
    customer_id: str
    campaign: str
    kind: str
    step: int
    step_name: str | None
    channel: str
    arm: str | None
    state: str
    reason: str | None
    cart_id: UUID | None
    order_id: str | None
    due_at: datetime | None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Messages:
    """A page of messages, the newest first; `after` asks for the next one, None where there is none.

    `looked_to` is set where it is not full though there may be more: nothing from before then was looked at.
    """

    rows: tuple[Message, ...]
    after: str | None
    looked_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a customer's line of time. `what` is decided, sent, delivered, clicked, opened, bounced, complained,
    cancelled, expired, failed, unknown, cart, or an order's `placed`, `returned` and so on.
    """

    at: datetime
    what: str
    reason: str | None = None
    campaign: str | None = None
    step: int | None = None
    channel: str | None = None
    arm: str | None = None
    reminder_id: UUID | None = None
    cart_id: UUID | None = None
    order_id: str | None = None
    amount: Money | None = None
    credited_to: UUID | None = None
