"""How customers may be reached: the one road on which personal data travels."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.events.base import Event, StoreId
from libs.contracts.topics import CUSTOMER_CONSENTS, CUSTOMER_PROFILES, CUSTOMER_REACH


class Handle(BaseModel):
    """Where a channel that is neither e-mail nor text reaches somebody, and whether they want that."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    handle: str = Field(repr=False, description="What the channel knows them by: a number, the id of a chat.")
    consent: bool = Field(default=False, description="Whether reminders by this channel are wanted.")
    consent_at: AwareDatetime | None = Field(default=None, description="When it was agreed to last.")


class ProfileSet(Event):
    """How a customer may be reached; the only event with personal data. Erasure is a null value under the same key."""

    type: ClassVar[str] = "customer.profile_set"
    topic: ClassVar[str] = CUSTOMER_PROFILES.name

    store_id: StoreId
    customer_id: str = Field(description="The customer, or a guest who left an address.")
    profile_version: int = Field(ge=1, description="Grows with every change: the higher one is newer.")
    email: str | None = Field(default=None, repr=False, description="The address.")
    phone: str | None = Field(default=None, repr=False, description="The number, in E.164.")
    name: str | None = Field(default=None, repr=False, description="How to address the customer.")
    locale: str = Field(default="en", description="The language of messages (BCP 47).")
    timezone: str | None = Field(default=None, description="IANA name; quiet hours are in it.")
    country: str | None = Field(
        default=None, description="Of the customer's address (ISO 3166-1 alpha-2): its laws hold first."
    )
    region: str | None = Field(
        default=None, description="Of `country`, what follows it in ISO 3166-2, such as `CA`; null: not known."
    )
    email_consent: bool = Field(default=False, description="Whether reminders by e-mail are wanted.")
    sms_consent: bool = Field(default=False, description="Whether reminders by text are wanted.")
    email_consent_at: AwareDatetime | None = Field(
        default=None, description="When e-mail was agreed to last: lifts an unsubscription that is older."
    )
    sms_consent_at: AwareDatetime | None = Field(
        default=None, description="When texts were agreed to last: lifts an unsubscription that is older."
    )
    unconfirmed: tuple[str, ...] | None = Field(
        default=None,
        description="Channels that were agreed to by somebody who has yet to show that the address is theirs: it is "
        "asked once, and nothing else is sent to it.",
    )
    handles: dict[str, Handle] | None = Field(
        default=None, repr=False, description="Further channels, such as `whatsapp`: where each reaches the customer."
    )

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"


class ProfileErased(Event):
    """A customer was erased: on the wire a null value under the key of the profile, so that Kafka forgets it."""

    type: ClassVar[str] = "customer.profile_erased"
    topic: ClassVar[str] = CUSTOMER_PROFILES.name
    tombstone: ClassVar[bool] = True

    store_id: StoreId
    customer_id: str = Field(description="Who was erased.")

    def key(self) -> str:
        """The key of the profile that it erases."""
        return f"{self.store_id}:{self.customer_id}"

    @classmethod
    def of_key(cls, key: str) -> dict[str, object]:
        """Store and customer. Raises `ValueError`."""
        store, _, customer = key.partition(":")
        if not store or not customer:
            raise ValueError("not store:customer")
        return {"store_id": store, "customer_id": customer}


class ReachSet(Event):
    """By which channels a customer may be written to now: contact known, consent given, channel not closed.

    No address is among it.
    """

    type: ClassVar[str] = "customer.reach_set"
    topic: ClassVar[str] = CUSTOMER_REACH.name

    store_id: StoreId
    customer_id: str = Field(description="The customer, or a guest who left an address.")
    reach_version: int = Field(ge=1, description="Grows with every change: the higher one is newer.")
    email: bool = Field(description="Whether by e-mail.")
    sms: bool = Field(description="Whether by text.")
    timezone: str | None = Field(default=None, description="IANA name, if it is known.")
    country: str | None = Field(default=None, description="In which the customer's address is (ISO 3166-1 alpha-2).")
    region: str | None = Field(default=None, description="Of `country`, as in ISO 3166-2, if it is known.")
    channels: tuple[str, ...] | None = Field(
        default=None, description="By which further channels; null: nothing is told of those."
    )

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"


class ReachErased(Event):
    """Nothing is known of a customer any more: on the wire a null value under the key of their reach."""

    type: ClassVar[str] = "customer.reach_erased"
    topic: ClassVar[str] = CUSTOMER_REACH.name
    tombstone: ClassVar[bool] = True

    store_id: StoreId
    customer_id: str = Field(description="Who was erased.")

    def key(self) -> str:
        """The key of the reach that it erases."""
        return f"{self.store_id}:{self.customer_id}"

    @classmethod
    def of_key(cls, key: str) -> dict[str, object]:
        """Store and customer. Raises `ValueError`."""
        return ProfileErased.of_key(key)


class ConsentConfirmed(Event):
    """Whoever has an address said yes to the question whether they want to be reminded there. No address is among it.

    `profile_version` is that of the profile which was asked for: an answer for an older address is none for a newer.
    """

    type: ClassVar[str] = "customer.consent_confirmed"
    topic: ClassVar[str] = CUSTOMER_CONSENTS.name

    store_id: StoreId
    customer_id: str = Field(description="The customer, or a guest who left an address.")
    channel: str = Field(description="How they want to be reminded: `email`, `sms`.")
    profile_version: int = Field(ge=1, description="Of the profile whose address has answered.")
    wording: str = Field(description="The question that was answered, word by word: the proof.")
    confirmed_at: AwareDatetime = Field(description="When it was answered.")

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"


class ConsentGiven(Event):
    """Somebody who had not agreed to a channel has agreed to it, by their own hand, on the page of a message's link.

    What it counts for the service decides that keeps consents: where the store or the country wants it the address is
    asked first. `profile_version` is that of the profile whose addresses the page knew: of another it says nothing.
    """

    type: ClassVar[str] = "customer.consent_given"
    topic: ClassVar[str] = CUSTOMER_CONSENTS.name

    store_id: StoreId
    customer_id: str = Field(description="The customer, or a guest who left an address.")
    channel: str = Field(description="How they want to be written to: `email`, `sms`.")
    profile_version: int = Field(ge=1, description="Of the profile whose address the page knew.")
    reminder_id: UUID = Field(description="The message whose link led to the page.")
    page: str = Field(description="Where they have agreed: `preference_centre`.")
    wording: str = Field(description="What they agreed to, word by word: the proof.")
    given_at: AwareDatetime = Field(description="When.")

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"


class PreferencesSet(Event):
    """A recipient has changed which messages they want, by their own hand: how all of it stands from then on.

    It counts at once where messages are sent; to others it is the proof. No address is among it.
    """

    type: ClassVar[str] = "customer.preferences_set"
    topic: ClassVar[str] = CUSTOMER_CONSENTS.name

    store_id: StoreId
    customer_id: str = Field(description="The customer, or a guest who left an address.")
    wanted: dict[str, tuple[str, ...]] = Field(
        description="By channel the purposes that they want: `cart_reminders`, `stock_alerts`, `marketing`. What tells "
        "of their orders comes in any case."
    )
    paused_until: AwareDatetime | None = Field(default=None, description="Until when they want none of it at all.")
    reminder_id: UUID = Field(description="The message whose link led to the page.")
    page: str = Field(description="Where they have changed it: `preference_centre`.")
    wording: str = Field(description="What the page said that was changed, word by word.")
    changed_at: AwareDatetime = Field(description="When.")

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"
