"""What is to be sent, and what became of it."""

from typing import ClassVar, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.events.base import Event, Minor, StoreId
from libs.contracts.topics import MESSAGE_EVENTS, REMINDER_REQUESTS

Channel: TypeAlias = str
"""`email`, `sms`, or one that a newer release knows: whoever acts on it decides whether it can."""
CampaignKind: TypeAlias = str
"""`abandoned_cart`, `low_stock`, or one that a newer release knows, as `Channel`."""


class LowItem(BaseModel):
    """An item that runs low; what is said of it holds up to the threshold."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sku: str = Field(description="The item.")
    threshold: int | None = Field(default=None, description="The level up to which it still holds.")


class CouponFrom(BaseModel):
    """A code is to be taken from a pool of the store's coupons, one for the customer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pool: str = Field(description="The pool, by its name.")
    valid_seconds: int | None = Field(
        default=None, ge=1, description="For how long it counts from when it is sent; null: as long as the pool says."
    )
    if_empty: str = Field(
        default="hold",
        description="Where there is no code: `hold` lets the message wait and expire, `send` sends it without one.",
    )


def version_about(cart_id: UUID | None) -> int:
    """Of what is about a cart 1, word for word as before, so that readers of older releases go on; else 2.

    Those pass version 2 over, where a version 1 without its cart would be a dead letter of theirs.
    """
    return 2 if cart_id is None else 1


class ReminderRequested(Event):
    """The trigger's wish that a message be sent. The same facts give the same `reminder_id`.

    `step` counts from 1. `expires_at` is `due_at` plus the step's lateness budget. `threshold` is the level under which
    a low-stock reminder still holds. Of reminders that wait for one address at once the one with the latest
    `quiet_since` is sent; one without, of an older trigger, counts from `due_at`.
    It goes by the first of `channels` that is allowed; a notifier that does not know them takes `channel`.
    A notifier that does not know `exit_on` lets every order of the customer end it.

    Version 1 is about a cart, version 2 about none: about an order, an item, or nothing but the customer.
    """

    type: ClassVar[str] = "reminder.requested"
    topic: ClassVar[str] = REMINDER_REQUESTS.name
    version: ClassVar[int] = 2

    reminder_id: UUID = Field(description="The reminder; the same facts give the same.")
    store_id: StoreId
    customer_id: str = Field(description="Whom to remind.")
    campaign: str = Field(description="The campaign, by its name.")
    kind: CampaignKind = Field(description="What campaigns of its kind are about.")
    step: int = Field(ge=1, description="The campaign's step, counted from 1.")
    channel: Channel = Field(description="How to reach the customer.")
    channels: tuple[Channel, ...] | None = Field(
        default=None, description="How else, where there are several ways: in order of preference, `channel` first."
    )
    template: str = Field(description="What to say, by the template's name.")
    cart_id: UUID | None = Field(default=None, description="The cart that it is about, if it is about one.")
    cart_version: int | None = Field(default=None, ge=1, description="The cart's version that the wish rests on.")
    order_id: str | None = Field(default=None, description="The order that it is about, if it is about one.")
    sku: str | None = Field(default=None, description="The item that it is about, such as the one that is low.")
    threshold: int | None = Field(default=None, description="The level under which it still holds.")
    also_low: tuple[LowItem, ...] | None = Field(
        default=None,
        description="Further items that the same message is about: they ran low with `sku`, or are to come again.",
    )
    viewed: tuple[str, ...] | None = Field(
        default=None,
        description="What its customer looked at and has not put into a cart since, by sku, the newest first.",
    )
    price: Minor | None = Field(
        default=None, description="What `sku` costs, in minor units of the cart's currency: it holds up to there."
    )
    quiet_since: AwareDatetime | None = Field(default=None, description="Since when the cart is quiet.")
    exit_on: tuple[str, ...] | None = Field(
        default=None,
        description="What ends it although the goods are as they were: `order.placed`, what the customer orders with "
        "other carts or none, or a new one; null: `order.placed`.",
    )
    due_at: AwareDatetime = Field(description="When to send it.")
    expires_at: AwareDatetime = Field(description="After this it is not to be sent any more.")
    variant: str | None = Field(default=None, description="Which variant of the step, where there are several.")
    coupon: str | None = Field(default=None, description="The coupon to offer.")
    coupon_from: CouponFrom | None = Field(
        default=None, description="Where the coupon to offer comes from, if it is not the same for everybody."
    )
    times_abandoned: int | None = Field(
        default=None,
        ge=0,
        description="How often its customer has left a cart before, within 90 days; null: nobody has counted.",
    )

    def written_version(self) -> int:
        """The lowest that says all of it."""
        return version_about(self.cart_id)

    def key(self) -> str:
        """One customer, one partition."""
        return self.customer_id


class MessageEvent(Event):
    """What became of a reminder. `reason` is a stable word such as `ordered` or `no_consent`.

    Version 1 is about a cart, version 2 about none, as the request was.
    """

    topic: ClassVar[str] = MESSAGE_EVENTS.name
    version: ClassVar[int] = 2

    reminder_id: UUID = Field(description="The reminder; the same facts give the same.")
    store_id: StoreId
    customer_id: str = Field(description="Who was to be reminded.")
    campaign: str = Field(description="The campaign, by its name.")
    kind: CampaignKind = Field(description="What campaigns of its kind are about.")
    step: int = Field(description="The campaign's step, counted from 1.")
    channel: Channel = Field(description="How the customer was reached, or was to be.")
    cart_id: UUID | None = Field(default=None, description="The cart that it is about, if it is about one.")
    order_id: str | None = Field(default=None, description="The order that it is about, if it is about one.")
    sku: str | None = Field(default=None, description="The item that it is about, if it is about one.")
    variant: str | None = Field(default=None, description="Which variant of the step, where there are several.")
    reason: str | None = Field(default=None, description="Why, in a stable word such as `ordered` or `no_consent`.")
    provider_id: str | None = Field(default=None, description="The message's name at the provider.")
    provider: str | None = Field(default=None, description="Who took or refused it, or tells of it, such as `smtp`.")

    def written_version(self) -> int:
        """The lowest that says all of it."""
        return version_about(self.cart_id)

    def key(self) -> str:
        """One customer, one partition."""
        return self.customer_id


class MessageSent(MessageEvent):
    """The provider has taken the message."""

    type: ClassVar[str] = "message.sent"

    coupon_pool: str | None = Field(
        default=None, description="The pool of which it offers a code, by its name; the code is told to nobody else."
    )


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
