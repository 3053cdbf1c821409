"""Every fact that the parts tell each other, in the past tense.

An event only ever gains optional fields. Anything else is a new `version` with an upcaster in `codec.py`;
the golden files of every version under `tests/contract` stay readable.
"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.topics import CART_EVENTS, CUSTOMER_PROFILES, INVENTORY_LEVELS, MESSAGE_EVENTS, REMINDER_REQUESTS

Channel = Literal["email", "sms"]
CampaignKind = Literal["abandoned_cart", "low_stock"]
Units = Annotated[int, Field(ge=0)]
Minor = Annotated[int, Field(ge=0)]


class Event(BaseModel):
    """A fact: `event_id` is unique (UUIDv7), `occurred_at` is when it became true (aware, UTC)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    topic: ClassVar[str]
    version: ClassVar[int] = 1

    event_id: UUID
    occurred_at: AwareDatetime

    def key(self) -> str:
        """The partition key: what has the same key is read in the order in which it was written."""
        raise NotImplementedError


class CartEvent(Event):
    """What happened to one cart, with the cart's state after it.

    `cart_version` counts the cart's changes from 1. `total` is in minor units of `currency`. `holds` maps each sku in
    the cart to its units after the change, so that a reader of the newest event alone knows the cart.
    """

    topic: ClassVar[str] = CART_EVENTS.name
    closes: ClassVar[bool] = False

    cart_id: UUID
    store_id: str
    customer_id: str | None = None
    cart_version: int = Field(ge=1)
    currency: str | None = None
    total: Minor = 0
    units: Units = 0
    holds: dict[str, int] = Field(default_factory=dict)
    device: str | None = None

    def key(self) -> str:
        """One cart, one partition."""
        return str(self.cart_id)


class LineAdded(CartEvent):
    """`added` units came to a line that holds `quantity` now."""

    type: ClassVar[str] = "cart.line_added"
    line_id: UUID
    sku: str
    added: int
    quantity: Units


class LineQuantitySet(CartEvent):
    """A line was set from `previous` to `quantity` units."""

    type: ClassVar[str] = "cart.line_quantity_set"
    line_id: UUID
    sku: str
    previous: Units
    quantity: Units


class LineRemoved(CartEvent):
    """A line of `previous` units was taken out."""

    type: ClassVar[str] = "cart.line_removed"
    line_id: UUID
    sku: str
    previous: Units


class CartCleared(CartEvent):
    """All lines were taken out at once."""

    type: ClassVar[str] = "cart.cleared"
    skus: tuple[str, ...] = ()


class CartDetailsSet(CartEvent):
    """What is bought stayed; a note, an attribute or what is saved for later changed."""

    type: ClassVar[str] = "cart.details_set"


class CartClaimed(CartEvent):
    """A guest's cart became the cart of the customer who logged in; its id stays."""

    type: ClassVar[str] = "cart.claimed"


class CartMerged(CartEvent):
    """The lines of a guest's cart came into this customer's cart, or went back to it when that was undone."""

    type: ClassVar[str] = "cart.merged"
    from_cart_id: UUID


class CartMergedAway(CartEvent):
    """This guest's cart was closed: its lines live on in `into_cart_id`."""

    type: ClassVar[str] = "cart.merged_away"
    closes: ClassVar[bool] = True
    into_cart_id: UUID


class CartOrdered(CartEvent):
    """This cart was closed by an order."""

    type: ClassVar[str] = "cart.ordered"
    closes: ClassVar[bool] = True
    order_id: str


class CartExpired(CartEvent):
    """This cart was closed because nobody had touched it for the store's expiry time."""

    type: ClassVar[str] = "cart.expired"
    closes: ClassVar[bool] = True


class OrderPlaced(Event):
    """An order, whether or not a cart led to it. `total` is in minor units of `currency`."""

    type: ClassVar[str] = "order.placed"
    topic: ClassVar[str] = CART_EVENTS.name

    order_id: str
    store_id: str
    customer_id: str | None = None
    cart_id: UUID | None = None
    currency: str | None = None
    total: Minor | None = None
    skus: tuple[str, ...] = ()

    def key(self) -> str:
        """The partition of the cart if there was one."""
        return str(self.cart_id or self.customer_id or self.order_id)


class LevelSet(Event):
    """`available` units of a sku can be sold; `level_version` counts the changes of this sku's level."""

    type: ClassVar[str] = "inventory.level_set"
    topic: ClassVar[str] = INVENTORY_LEVELS.name

    store_id: str
    sku: str
    available: Units
    level_version: int = Field(ge=1)

    def key(self) -> str:
        """One item, one partition."""
        return f"{self.store_id}:{self.sku}"


class ProfileSet(Event):
    """How a customer may be reached; the only event with personal data. Erasure is a null value under the same key."""

    type: ClassVar[str] = "customer.profile_set"
    topic: ClassVar[str] = CUSTOMER_PROFILES.name

    store_id: str
    customer_id: str
    profile_version: int = Field(ge=1)
    email: str | None = Field(default=None, repr=False)
    phone: str | None = Field(default=None, repr=False)
    name: str | None = Field(default=None, repr=False)
    locale: str = "en"
    timezone: str | None = None
    email_consent: bool = False
    sms_consent: bool = False

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"


class ProfileErased(Event):
    """A customer was erased: on the wire a null value under the key of the profile, so that Kafka forgets it."""

    type: ClassVar[str] = "customer.profile_erased"
    topic: ClassVar[str] = CUSTOMER_PROFILES.name

    store_id: str
    customer_id: str

    def key(self) -> str:
        """The key of the profile that it erases."""
        return f"{self.store_id}:{self.customer_id}"


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


EVENTS: tuple[type[Event], ...] = (
    LineAdded,
    LineQuantitySet,
    LineRemoved,
    CartCleared,
    CartDetailsSet,
    CartClaimed,
    CartMerged,
    CartMergedAway,
    CartOrdered,
    CartExpired,
    OrderPlaced,
    LevelSet,
    ProfileSet,
    ProfileErased,
    ReminderRequested,
    MessageSent,
    MessageCancelled,
    MessageExpired,
    MessageFailed,
    MessageUnknown,
)
