"""The address that a guest leaves at the checkout, and what they agreed to with it. Pure."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from libs.contracts.channel_rules import ChannelName
from libs.contracts.events import GUESTS, CartDetailsSet, ConsentGiven
from services.cart.domain.cart import Cart, Change, Context, event, next_version
from services.cart.domain.commands import Body, Name
from services.cart.domain.customers.opt_in import GuestContacts, OptIns, zone_of
from services.cart.domain.customers.places import Country, Region
from services.cart.domain.customers.profile import (
    Contact,
    Email,
    FurtherChannel,
    Handle,
    HandleText,
    Locale,
    Phone,
    Zone,
)
from services.cart.domain.store import Store

UNANSWERED_DAYS: Final = timedelta(days=4)
"""A day more than the question's link holds: then an address that has not answered is forgotten."""
MOST_HANDLES: Final = 3
"""Every one of them is asked: more would be a way to write to many strangers at once."""

_FIELDS: Final = {"email": "email", "sms": "phone"}
"""Channels whose addresses have fields of their own; those of all others are handles."""
Wording = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class Consent(Body):
    """What the guest agreed to: a channel, in the words that they saw beside the box."""

    channel: ChannelName
    wording: Wording


class GuestContact(Body):
    """Where a guest may be written to about their cart: an e-mail address, a telephone number, `handles` of further
    channels (`whatsapp`: a number in international form; `telegram`: the id of a chat); replaces what they left before.

    Without a consent for it an address is kept, and nothing is sent there. Whoever has a telephone number or a handle
    is asked first, and so is whoever has an e-mail address where the store or the country wants that.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "anna@shop.example",
                    "name": "Anna",
                    "locale": "pl",
                    "consents": [{"channel": "email", "wording": "Remind me of my cart by e-mail."}],
                },
                {
                    "handles": {"whatsapp": "+48221234567"},
                    "consents": [{"channel": "whatsapp", "wording": "Remind me of my cart by WhatsApp."}],
                },
            ]
        }
    )

    email: Email | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)
    handles: dict[FurtherChannel, HandleText] = Field(default_factory=dict, repr=False, max_length=MOST_HANDLES)
    name: Name | None = Field(default=None, repr=False)
    locale: Locale | None = None
    timezone: Zone | None = None
    country: Country | None = None
    region: Region | None = None
    consents: list[Consent] = Field(default_factory=list, max_length=5)

    @model_validator(mode="after")
    def _has_what_it_speaks_of(self) -> Self:
        left = self.addresses()
        if not left:
            raise ValueError("leave an e-mail address, a telephone number or a handle")
        for consent in self.consents:
            if consent.channel not in left:
                raise ValueError(f"a consent to {consent.channel} needs an address for it")
        return self

    def addresses(self) -> dict[str, str]:
        """Where the guest would be reached, by channel."""
        own = {"email": self.email, "sms": self.phone}
        return {channel: one for channel, one in own.items() if one is not None} | self.handles

    def agreed(self) -> dict[str, str]:
        """The words that the guest agreed to, by channel."""
        return {consent.channel: consent.wording for consent in self.consents}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is kept of a consent: words, page and time; of one whose address is asked since which version of the profile
    (`asked_version`), and when it said yes.
    """

    channel: str
    wording: str
    page: str | None
    agreed_at: datetime
    asked_version: int | None = None
    confirmed_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether what was agreed to may be done."""
        return self.asked_version is None or self.confirmed_at is not None

    def is_unanswered(self, now: datetime) -> bool:
        """Whether its address has been asked for so long that no answer comes any more."""
        return not self.counts and self.agreed_at < unanswered_since(now)


@dataclass(frozen=True, slots=True)
class Left:
    """What a guest leaves, of which page, at a store with this policy, language and time zone; `opt_ins` are the
    countries that want an address asked.
    """

    given: GuestContact
    page: str | None
    policy: GuestContacts
    locale: str
    zone: str
    opt_ins: OptIns

    def agreements(
        self, held: Mapping[str, Agreement], before: Contact | None, version: int, now: datetime
    ) -> list[Agreement]:
        """What is agreed to from now on. An address that has answered is not asked again, one that is asked stays so
        since when it was; `version` is the profile's that is to be written.
        """
        return [
            self._agreement(channel, wording, held.get(channel), before, version, now)
            for channel, wording in self.given.agreed().items()
        ]

    def _agreement(
        self, channel: str, wording: str, held: Agreement | None, before: Contact | None, version: int, now: datetime
    ) -> Agreement:
        given, country = self.given, self.given.country
        locale, zone = given.locale or self.locale, zone_of(given.timezone, country, self.zone)
        if not self.opt_ins.asks_first(channel, self.policy, locale, zone, country):
            return Agreement(channel, wording, self.page, now)
        same = before is not None and _address(before, channel) == self.given.addresses()[channel]
        if held is not None and same and held.asked_version is not None:
            if held.confirmed_at is not None:
                return held
            version = held.asked_version
        return Agreement(channel, wording, self.page, now, version)

    def contact(self, agreements: Sequence[Agreement]) -> Contact:
        """The same as a profile: consent is what counts of the agreements."""
        given, count = self.given, {one.channel: one for one in agreements if one.counts}
        return Contact(
            email=given.email,
            phone=given.phone,
            name=given.name,
            locale=given.locale or self.locale,
            timezone=given.timezone,
            country=given.country,
            region=given.region,
            email_consent="email" in count,
            sms_consent="sms" in count,
            handles={
                channel: Handle(
                    handle=handle,
                    consent=channel in count,
                    consent_at=count[channel].confirmed_at if channel in count else None,
                )
                for channel, handle in given.handles.items()
            },
        )


def unanswered_since(now: datetime) -> datetime:
    """Whoever has agreed before and was not answered for is forgotten."""
    return now - UNANSWERED_DAYS


def unconfirmed(agreements: Sequence[Agreement]) -> tuple[str, ...]:
    """The channels whose addresses have yet to answer."""
    return tuple(sorted(one.channel for one in agreements if not one.counts))


def confirmed(contact: Contact, channel: str, at: datetime) -> Contact:
    """A contact whose address on a channel has said yes."""
    if channel in _FIELDS:
        return contact.model_copy(update={f"{channel}_consent": True, f"{channel}_consent_at": at})
    handles = contact.handles or {}
    said = {
        name: one.model_copy(update={"consent": True, "consent_at": at})
        for name, one in handles.items()
        if name == channel
    }
    return contact.model_copy(update={"handles": handles | said})


def agreed_by_link(
    contact: Contact, given: ConsentGiven, store: Store, opt_ins: OptIns, version: int
) -> Agreement | None:
    """What is kept of a consent that a recipient gave at a message's link; `version` is the profile's that is to be
    written. None for a channel that has no address, or to which they have agreed already.
    """
    agreed = contact.email_consent if given.channel == "email" else contact.sms_consent
    if given.channel not in _FIELDS or agreed or _address(contact, given.channel) is None:
        return None
    zone = zone_of(contact.timezone, contact.country, store.time_zone)
    asked = opt_ins.asks_first(given.channel, store.guest_contacts, contact.locale, zone, contact.country)
    return Agreement(given.channel, given.wording, given.page, given.given_at, version if asked else None)


def without_unanswered(contact: Contact, agreements: Sequence[Agreement]) -> Contact | None:
    """What may be kept of a guest whose addresses have not answered in time; None where nothing else was agreed to."""
    if not any(one.counts for one in agreements):
        return None
    silent = unconfirmed(agreements)
    kept = {channel: one for channel, one in (contact.handles or {}).items() if channel not in silent}
    gone = {_FIELDS[channel]: None for channel in silent if channel in _FIELDS}
    return contact.model_copy(update={**gone, "handles": kept})


def _address(contact: Contact, channel: str) -> str | None:
    if channel in _FIELDS:
        known: str | None = getattr(contact, _FIELDS[channel])
        return known
    handle = (contact.handles or {}).get(channel)
    return handle.handle if handle is not None else None


def new_recipient() -> str:
    """An id for a guest who leaves an address: nobody can guess it, and no log-in has it."""
    return GUESTS + secrets.token_hex(16)


def name_recipient(cart: Cart, recipient_id: str, context: Context) -> Change:
    """The guest's cart with somebody to write to about it; its goods are as they were."""
    after = next_version(cart, context, recipient_id=recipient_id)
    return Change(after, event(CartDetailsSet, after, context))
