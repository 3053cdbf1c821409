"""How a customer may be reached, validated before it is believed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from libs.contracts.channel_rules import CHANNEL
from libs.contracts.events import ProfileSet
from libs.runtime.zones import zone_names
from services.cart.domain.commands import Body, Name
from services.cart.domain.customers.places import Country, Region
from services.cart.domain.instants import Instant


def _email(text: str) -> str:
    try:
        # test_environment lets .test (RFC 2606) through, which no mail ever reaches, and asks no DNS
        return validate_email(text, test_environment=True).normalized
    except EmailNotValidError:
        # the library's message quotes the address, and messages end in logs
        raise ValueError("not an e-mail address") from None


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise ValueError("not a telephone number in international form") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("not a possible telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _zone(text: str) -> str:
    if text not in zone_names():
        raise ValueError("not a time zone of the IANA database")
    return text


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(_phone)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
HANDLES_MOST: Final = 8


def _further(channel: str) -> str:
    if channel in ("email", "sms"):
        raise ValueError("e-mail and texts have fields of their own")
    return channel


def _handle(text: str) -> str:
    return _phone(text) if text.startswith("+") else text


FurtherChannel = Annotated[str, StringConstraints(pattern=CHANNEL), AfterValidator(_further)]
"""What is neither e-mail nor text, such as `whatsapp`."""
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}([-_][A-Z][a-z]{3})?([-_]([A-Z]{2}|[0-9]{3}))?$")]


HandleText = Annotated[str, StringConstraints(pattern=r"^([!-~]{1,128}|\+[0-9 ().-]{5,31})$"), AfterValidator(_handle)]


class Handle(Body):
    """Where a further channel reaches a customer: a number in international form (`whatsapp`), the id of a chat
    (`telegram`); and whether they want reminders there. Without `consent_at` a consent that was there keeps its time.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"handle": "4711000815", "consent": True}]})

    handle: HandleText = Field(repr=False)
    consent: bool = False
    consent_at: Instant | None = None

    def since(self, before: "Handle | None", now: datetime) -> "Handle":
        """The same with the time of its consent: that it is told again is no new one, and none is of a time to come."""
        if not self.consent:
            return self.model_copy(update={"consent_at": None})
        if self.consent_at is None and before is not None and before.consent and before.handle == self.handle:
            return self.model_copy(update={"consent_at": before.consent_at})
        return self.model_copy(update={"consent_at": min(self.consent_at or now, now)})


class Contact(Body):
    """A customer's contact data and consent; replaces what was known. E-mail syntax after RFC 5322, phone E.164.

    `email_consent_at` and `sms_consent_at` say when the customer agreed: an unsubscription that is older than that is
    lifted. Where they are not told, a consent that was there before keeps its time, and a new one is of now.
    `handles` are where further channels reach them; where they are left out those that are known stay. `country` and
    `region` are those of their address, and say first which laws hold.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"email": "anna@shop.example", "locale": "pl", "timezone": "Europe/Warsaw", "email_consent": True}
            ]
        }
    )

    email: Email | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)
    name: Name | None = Field(default=None, repr=False)
    locale: Locale = "en"
    timezone: Zone | None = None
    country: Country | None = None
    region: Region | None = None
    email_consent: bool = False
    sms_consent: bool = False
    email_consent_at: Instant | None = None
    sms_consent_at: Instant | None = None
    handles: dict[FurtherChannel, Handle] | None = Field(default=None, repr=False, max_length=HANDLES_MOST)


def handles_since(
    given: Mapping[str, Handle] | None, before: Mapping[str, Handle] | None, now: datetime
) -> dict[str, Handle] | None:
    """What is to be kept of handles that somebody tells, with the times of their consents; None: what is kept stays."""
    if given is None:
        return None
    return {channel: one.since((before or {}).get(channel), now) for channel, one in given.items()}


class Profile(BaseModel):
    """A contact as it is kept for one customer of one store."""

    store_id: str
    customer_id: str
    version: int
    updated_at: datetime
    contact: Contact = Field(repr=False)

    def event(self, event_id: UUID, unconfirmed: tuple[str, ...] = ()) -> ProfileSet:
        """The event that tells the notifier; `unconfirmed` channels are those whose addresses it has to ask."""
        told = self.contact.handles or {}
        handles = {channel: one.model_dump() for channel, one in told.items()}
        return ProfileSet(
            event_id=event_id,
            occurred_at=self.updated_at,
            store_id=self.store_id,
            customer_id=self.customer_id,
            profile_version=self.version,
            unconfirmed=unconfirmed or None,
            **self.contact.model_dump() | {"handles": handles or None},
        )
