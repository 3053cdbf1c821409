"""What the service answers to whoever asks for all that it holds on a customer."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from libs.contracts.events import Handle
from services.notifier.web.customers.export_monthly import MONTHLY_WISH, ExportedMonthlyWish
from services.notifier.web.customers.export_replies import REPLY, ExportedReply
from services.notifier.web.schemas import ANSWER, AT, MESSAGE, AnswerTold, Reminder, like

_WHERE = {"timezone": "Europe/Warsaw", "country": "PL", "region": "14"}


class Contact(BaseModel):
    """How a customer may be reached."""

    version: int
    email: str | None
    phone: str | None
    name: str | None
    locale: str
    timezone: str | None
    country: str | None
    region: str | None
    email_consent: bool
    sms_consent: bool
    handles: dict[str, Handle]


class ExportedContent(BaseModel):
    """What was sent, the secrets of its links masked; a text has neither `subject` nor `html`."""

    subject: str | None
    text: str
    html: str | None


class ExportedMessage(Reminder):
    """The same, with all that is kept of it."""

    threshold: int | None
    price: int | None
    also_low: list[str] | None
    viewed: list[str] | None
    coupon: str | None
    coupon_pool: str | None
    coupon_code: str | None
    coupon_until: AwareDatetime | None
    times_abandoned: int | None
    content: ExportedContent | None
    sending_at: AwareDatetime | None
    handed_over: str | None = Field(description="JSON of what a shop's server has said of it, if it was handed over.")


class ExportedAnswerTold(AnswerTold):
    """The same, of which message."""

    reminder_id: UUID


class ClosedChannel(BaseModel):
    """A channel that is closed to the customer, or to their address."""

    channel: str
    reason: str
    source: str | None = Field(description="Who or what has closed it: `link`, `reply`, `refusal`, or a provider.")
    status: str | None
    created_at: AwareDatetime
    of: Literal["customer", "address"]


class ReopenedChannel(BaseModel):
    """A channel that was closed to the customer, or to their address, and was opened again by somebody of the store."""

    channel: str
    reason: str
    source: str | None
    status: str | None
    closed_at: AwareDatetime
    lifted_at: AwareDatetime
    lifted_by: str
    why: str
    of: Literal["customer", "address"]


class ExportedReach(BaseModel):
    """By which channels others were told that the customer can be reached."""

    email: bool
    sms: bool
    channels: list[str]
    timezone: str | None
    country: str | None
    region: str | None


class ExportedConfirmation(BaseModel):
    """An address that was to say yes first, and when it did."""

    channel: str
    confirmed_at: AwareDatetime | None


class ExportedPreference(BaseModel):
    """What they want no messages about on a channel, and until when they want none."""

    channel: str
    declined: list[str]
    paused_until: AwareDatetime | None
    of: Literal["customer", "address"]


class ExportedPreferenceChange(BaseModel):
    """What they have changed of that, by the link of which message, and what the page said.

    `was` and `became` are JSON.
    """

    reminder_id: UUID
    was: str
    became: str
    wording: str
    changed_at: AwareDatetime


class ExportedPixelConsent(BaseModel):
    """Whether they let it be counted that they open letters."""

    agreed: bool
    said_at: AwareDatetime
    wording: str
    told_by: str


class ExportedCoupon(BaseModel):
    """A code of the store's that is the customer's, since when, and until when it counts."""

    pool: str
    code: str
    taken_at: AwareDatetime
    valid_until: AwareDatetime | None


class Export(BaseModel):
    """Everything that this service holds on a customer."""

    model_config = like(
        {
            "schema": "urn:evercart:export:notifier:1",
            "store_id": "shop",
            "customer_id": "anna",
            "exported_at": AT,
            "contacts": [
                {
                    "version": 4,
                    "email": "anna@shop.example",
                    "phone": "+48221234567",
                    "name": "Anna",
                    "locale": "pl",
                    "email_consent": True,
                    "sms_consent": False,
                    "handles": {},
                }
                | _WHERE
            ],
            "messages": [
                MESSAGE
                | {
                    "threshold": None,
                    "price": None,
                    "also_low": None,
                    "viewed": None,
                    "coupon": None,
                    "coupon_pool": "back10",
                    "coupon_code": "BACK-7Q2M9K",
                    "coupon_until": AT,
                    "times_abandoned": 2,
                    "content": {"subject": "Your cart is saved", "text": "Good to see you again.", "html": "<p>…</p>"},
                    "sending_at": AT,
                    "handed_over": None,
                }
            ],
            "answers": [ANSWER | {"reminder_id": MESSAGE["reminder_id"]}],
            "suppressions": [
                {
                    "channel": "sms",
                    "reason": "stop",
                    "source": "reply",
                    "status": None,
                    "created_at": AT,
                    "of": "address",
                }
            ],
            "lifted_suppressions": [
                {
                    "channel": "email",
                    "reason": "bounced",
                    "source": "ses",
                    "status": "5.1.1",
                    "closed_at": AT,
                    "lifted_at": AT,
                    "lifted_by": "mia@shop.example",
                    "why": "the mailbox is there again",
                    "of": "address",
                }
            ],
            "replies": [REPLY],
            "reach": [{"email": True, "sms": False, "channels": []} | _WHERE],
            "confirmations": [{"channel": "email", "confirmed_at": AT}],
            "preferences": [{"channel": "email", "declined": ["marketing"], "paused_until": None, "of": "customer"}],
            "preference_changes": [
                {
                    "reminder_id": MESSAGE["reminder_id"],
                    "was": '{"wanted": {"email": ["cart_reminders", "marketing", "stock_alerts"]}}',
                    "became": '{"wanted": {"email": ["cart_reminders", "stock_alerts"]}}',
                    "wording": "Choose what comes. E-mail: no marketing",
                    "changed_at": AT,
                }
            ],
            "coupons": [{"pool": "back10", "code": "BACK-7Q2M9K", "taken_at": AT, "valid_until": AT}],
            "pixel_consents": [
                {"agreed": True, "said_at": AT, "wording": "May we see what you open?", "told_by": "shop"}
            ],
            "monthly_wishes": [MONTHLY_WISH],
        }
    )

    schema_: Literal["urn:evercart:export:notifier:1"] = Field(alias="schema")
    store_id: str
    customer_id: str
    exported_at: AwareDatetime
    contacts: list[Contact]
    messages: list[ExportedMessage]
    answers: list[ExportedAnswerTold]
    suppressions: list[ClosedChannel]
    lifted_suppressions: list[ReopenedChannel]
    replies: list[ExportedReply]
    reach: list[ExportedReach]
    confirmations: list[ExportedConfirmation]
    preferences: list[ExportedPreference]
    preference_changes: list[ExportedPreferenceChange]
    coupons: list[ExportedCoupon]
    pixel_consents: list[ExportedPixelConsent]
    monthly_wishes: list[ExportedMonthlyWish]
