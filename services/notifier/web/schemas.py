"""What the service answers to a store's servers."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

State = Literal["pending", "sending", "sent", "cancelled", "expired", "failed", "unknown"]
AT = "2026-11-22T10:15:00Z"
MESSAGE: dict[str, Any] = {
    "reminder_id": "5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee",
    "campaign": "abandoned_cart",
    "kind": "abandoned_cart",
    "step": 1,
    "channel": "email",
    "channels": ["email", "sms"],
    "template": "abandoned_cart",
    "cart_id": "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10",
    "cart_version": 7,
    "order_id": None,
    "sku": None,
    "variant": None,
    "due_at": AT,
    "expires_at": "2026-11-22T22:15:00Z",
    "state": "sent",
    "reason": None,
    "failures": 0,
    "provider_id": "250 2.0.0 Ok: queued as 4F1",
    "received_at": AT,
    "finished_at": "2026-11-22T10:15:01Z",
}
ANSWER: dict[str, Any] = {
    "answer": "bounced",
    "weight": "soft",
    "provider": "postmark",
    "status": "4.2.2",
    "reason": "postmark_softbounce",
    "times": 1,
    "first_at": AT,
    "last_at": AT,
}


def like(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a model that shows an example of itself."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Reminder(BaseModel):
    """A reminder that was asked for, and what became of it or what it waits for (`reason`).

    One that is about no cart has neither `cart_id` nor `cart_version`.
    """

    reminder_id: UUID
    campaign: str
    kind: str
    step: int
    channel: str
    channels: list[str] = Field(description="By which it might go, the preferred one first; `channel` is the one used.")
    template: str
    cart_id: UUID | None
    cart_version: int | None
    order_id: str | None
    sku: str | None
    variant: str | None
    due_at: AwareDatetime
    expires_at: AwareDatetime
    state: State
    reason: str | None
    failures: int
    provider_id: str | None
    received_at: AwareDatetime
    finished_at: AwareDatetime | None


class AnswerTold(BaseModel):
    """What was heard of a message after it was handed over: so often, first and last then.

    Of a bounce `weight` is `hard` where there is no such address, `soft` where it may work another time, and `ours`
    where it was the sender or the message that was refused. `status` is the word of the recipient's server, `reason`
    the provider's.
    """

    answer: str
    weight: str | None
    provider: str
    status: str | None
    reason: str | None
    times: int
    first_at: AwareDatetime
    last_at: AwareDatetime


class LawTold(BaseModel):
    """A law on texts of a country, or of some of its states, and what tells that a customer is there."""

    country: str
    states: list[str]
    source: str
    told_by: Literal["address", "zone", "number"]


class Message(Reminder):
    """The same, with whom it is for, what was heard of it, and when it is taken up next as long as it has not ended."""

    customer_id: str
    next_at: AwareDatetime | None
    answers: list[AnswerTold]
    laws: list[LawTold] | None = Field(
        description="Of one that laws hold back or have ended: all that hold where its customer is as far as is known."
    )


class MessagePage(BaseModel):
    """A page of the reminders of a customer or a cart, newest first."""

    model_config = like(
        {
            "messages": [MESSAGE | {"customer_id": "anna", "next_at": None, "answers": [ANSWER], "laws": None}],
            "next": None,
        }
    )

    messages: list[Message]
    next: str | None


class UnclearReply(BaseModel):
    """A text message that a person should read at the provider, and honour by `due_on` where it opts out."""

    message_sid: str
    customer_id: str | None
    received_at: AwareDatetime
    due_on: date


class ReplyPage(BaseModel):
    """A page of the text messages that seem to opt out and could not be understood, newest first."""

    model_config = like(
        {
            "replies": [{"message_sid": "SM01", "customer_id": "anna", "received_at": AT, "due_on": "2026-12-04"}],
            "next": None,
        }
    )

    replies: list[UnclearReply]
    next: str | None
