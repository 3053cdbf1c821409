"""What a store is, as far as other services have to know it. No secret of a store is among the fields."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.events.base import Event, StoreId
from libs.contracts.topics import STORES


class StoreTemplate(BaseModel):
    """A template that a provider has approved, and what fills it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(description="What the provider calls it.")
    languages: dict[str, str] = Field(description="By the customer's language what the provider calls it.")
    parameters: tuple[str, ...] = Field(default=(), description="What fills its places, in their order.")
    named: bool = Field(default=False, description="Whether its places have these names.")
    button: bool = Field(default=False, description="Whether it ends in a button with the message's own link.")


class StoreChannel(BaseModel):
    """A store's rules for a channel that is neither e-mail nor text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sender: str | None = Field(default=None, description="Whom its messages come from; without one it sends none.")
    providers: tuple[str, ...] = Field(
        default=(), description="Who carries them, in the order in which they are tried."
    )
    cap_hours: float | None = Field(default=None, description="Between two messages to one customer; 0 is off.")
    templates: dict[str, StoreTemplate] = Field(default_factory=dict, description="Approved ones, by our template.")


class StoreUtm(BaseModel):
    """What links of messages carry as `utm_source` and the others; `{campaign}` and its like are filled in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str | None = Field(default=None, description="`utm_source`; null: none.")
    medium: str | None = Field(default=None, description="`utm_medium`.")
    campaign: str | None = Field(default=None, description="`utm_campaign`.")
    term: str | None = Field(default=None, description="`utm_term`.")
    content: str | None = Field(default=None, description="`utm_content`.")


class StoreMessages(BaseModel):
    """The voice of a store and its rules for messages. What is null follows the mode of the service that sends."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    email_from: str | None = Field(default=None, description="Sender of its e-mails; without one it sends none.")
    email_provider: str = Field(default="smtp", description="Who carries its e-mails.")
    email_fail_over: tuple[str, ...] | None = Field(
        default=None, description="Who carries them where the one before surely took nothing, in their order."
    )
    sms_from: str | None = Field(default=None, description="Sender of its text messages; without one it sends none.")
    sms_provider: str = Field(default="twilio", description="Who carries its text messages.")
    sms_fail_over: tuple[str, ...] | None = Field(default=None, description="The same of text messages.")
    delivery: str = Field(default="at_most_once", description="`at_most_once` or `at_least_once`.")
    email_cap_hours: float | None = Field(default=None, description="Between two e-mails to one customer; 0 is off.")
    sms_cap_hours: float | None = Field(default=None, description="Between two texts to one customer; 0 is off.")
    quiet_hours: str | None = Field(default=None, description="`HH:MM-HH:MM` of the recipient; empty is off.")
    accent: str = Field(default="#1f2937", description="Colour of buttons and links.")
    logo_url: str | None = Field(default=None, description="Picture at the head of its e-mails.")
    postal_address: str | None = Field(default=None, description="At the foot of its e-mails.")
    messages_days: float = Field(default=400, description="How long it is known what became of a message.")
    contents_days: float | None = Field(
        default=None, description="How long it is kept what exactly was sent; null: as long as what became of it."
    )
    replies_days: float = Field(default=90, description="How long it is known who has answered what.")
    count_clicks: bool | None = Field(
        default=None, description="Whether letters lead to the cart by a link that tells of clicks; null: no."
    )
    count_opens: bool | None = Field(
        default=None,
        description="Whether letters carry a picture that tells of opens, where that is allowed; null: no.",
    )
    ask_monthly: bool | None = Field(
        default=None,
        description="Whether the letter that an order has arrived asks if its products should come again; null: no.",
    )
    repeat_every: str | None = Field(
        default=None,
        description="How often they would come: `week`, `2 weeks`, `month`, `3 months` and such; null: every month.",
    )
    repeat_products: tuple[str, ...] | None = Field(
        default=None,
        description="Of which products that is asked, by sku, `coffee-*` for all that begin so; none: of an order of "
        "one product.",
    )
    bounce_address: str | None = Field(default=None, description="Where its e-mails come back to that go by SMTP.")
    soft_bounces: str | None = Field(
        default=None, description="`3 in 7d`: so many messages in so many days that come back for now close an address."
    )
    dkim_selectors: tuple[str, ...] | None = Field(
        default=None, description="By which keys of its domain its e-mails are signed: their names; null: not said."
    )
    segment_price: str | None = Field(
        default=None, description="What a segment of a text costs it, in its `currency`: `0.045`; null: not said."
    )
    test_addresses: tuple[str, ...] | None = Field(
        default=None, description="Where tests of its messages may go: addresses and numbers of whoever runs it."
    )
    utm: StoreUtm | None = Field(default=None, description="Parameters of the links to its hosts; null: none.")
    templates: str | None = Field(default=None, description="Name of the folder with templates of its own.")
    channels: dict[str, StoreChannel] | None = Field(default=None, description="Further channels, such as `whatsapp`.")


class StoreDescribed(Event):
    """A store is now as this says. The newest description of a store is all that there is to know."""

    type: ClassVar[str] = "store.described"
    topic: ClassVar[str] = STORES.name

    store_id: StoreId
    store_version: int = Field(ge=1, description="Counts the descriptions of this store.")
    name: str = Field(description="What people call it: one line.")
    locale: str = Field(default="en", description="Its language.")
    time_zone: str = Field(default="UTC", description="Of the IANA database: where its day begins and ends.")
    hosts: tuple[str, ...] | None = Field(
        default=None, description="Its own hosts, with what is below them; null: nothing is known of them."
    )
    currency: str | None = Field(default=None, description="Its own, in which it counts: ISO 4217.")
    currencies: tuple[str, ...] | None = Field(
        default=None, description="In which it sells: ISO 4217; null: it names none, and sells in any."
    )
    messages: StoreMessages | None = Field(default=None, description="How it speaks to customers; null: not at all.")

    def key(self) -> str:
        """One store, one partition."""
        return self.store_id


class StoreClosed(Event):
    """A store is not there any more: on the wire a null value under the key of its description."""

    type: ClassVar[str] = "store.closed"
    topic: ClassVar[str] = STORES.name
    tombstone: ClassVar[bool] = True

    store_id: StoreId

    def key(self) -> str:
        """The key of the description that it removes."""
        return self.store_id

    @classmethod
    def of_key(cls, key: str) -> dict[str, object]:
        """The store. Raises `ValueError`."""
        if not key:
            raise ValueError("no store")
        return {"store_id": key}
