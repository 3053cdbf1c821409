"""What the service answers to a store's servers."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

State = Literal["pending", "sending", "sent", "cancelled", "expired", "failed", "unknown"]
_AT = "2026-11-22T10:15:00Z"
_MESSAGE: dict[str, Any] = {
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
    "due_at": _AT,
    "expires_at": "2026-11-22T22:15:00Z",
    "state": "sent",
    "reason": None,
    "failures": 0,
    "provider_id": "250 2.0.0 Ok: queued as 4F1",
    "received_at": _AT,
    "finished_at": "2026-11-22T10:15:01Z",
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


class Message(Reminder):
    """The same, with whom it is for, and when it is taken up next as long as it has not ended."""

    customer_id: str
    next_at: AwareDatetime | None


class MessagePage(BaseModel):
    """A page of the reminders of a customer or a cart, newest first."""

    model_config = like({"messages": [_MESSAGE | {"customer_id": "anna", "next_at": None}], "next": None})

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
            "replies": [{"message_sid": "SM01", "customer_id": "anna", "received_at": _AT, "due_on": "2026-12-04"}],
            "next": None,
        }
    )

    replies: list[UnclearReply]
    next: str | None


class Contact(BaseModel):
    """How a customer may be reached."""

    version: int
    email: str | None
    phone: str | None
    name: str | None
    locale: str
    timezone: str | None
    email_consent: bool
    sms_consent: bool


class ExportedMessage(Reminder):
    """The same, with all that is kept of it."""

    threshold: int | None
    price: int | None
    also_low: list[str] | None
    viewed: list[str] | None
    coupon: str | None
    sending_at: AwareDatetime | None


class ClosedChannel(BaseModel):
    """A channel that is closed to the customer, or to their address."""

    channel: str
    reason: str
    created_at: AwareDatetime
    of: Literal["customer", "address"]


class ExportedReply(BaseModel):
    """What kind of thing the customer has answered, and when."""

    message_sid: str
    meaning: str
    received_at: AwareDatetime


class ExportedReach(BaseModel):
    """By which channels others were told that the customer can be reached."""

    email: bool
    sms: bool
    timezone: str | None


class ExportedConfirmation(BaseModel):
    """An address that was to say yes first, and when it did."""

    channel: str
    confirmed_at: AwareDatetime | None


class Export(BaseModel):
    """Everything that this service holds on a customer."""

    model_config = like(
        {
            "schema": "urn:evercart:export:notifier:1",
            "store_id": "shop",
            "customer_id": "anna",
            "exported_at": _AT,
            "contacts": [
                {
                    "version": 4,
                    "email": "anna@shop.example",
                    "phone": "+48221234567",
                    "name": "Anna",
                    "locale": "pl",
                    "timezone": "Europe/Warsaw",
                    "email_consent": True,
                    "sms_consent": False,
                }
            ],
            "messages": [
                _MESSAGE
                | {
                    "threshold": None,
                    "price": None,
                    "also_low": None,
                    "viewed": None,
                    "coupon": None,
                    "sending_at": _AT,
                }
            ],
            "suppressions": [{"channel": "sms", "reason": "stop", "created_at": _AT, "of": "address"}],
            "replies": [{"message_sid": "SM01", "meaning": "stop", "received_at": _AT}],
            "reach": [{"email": True, "sms": False, "timezone": "Europe/Warsaw"}],
            "confirmations": [{"channel": "email", "confirmed_at": _AT}],
        }
    )

    schema_: Literal["urn:evercart:export:notifier:1"] = Field(alias="schema")
    store_id: str
    customer_id: str
    exported_at: AwareDatetime
    contacts: list[Contact]
    messages: list[ExportedMessage]
    suppressions: list[ClosedChannel]
    replies: list[ExportedReply]
    reach: list[ExportedReach]
    confirmations: list[ExportedConfirmation]
