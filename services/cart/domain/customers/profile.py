"""How a customer may be reached, validated before it is believed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from libs.contracts.events import ProfileSet
from libs.runtime.zones import zone_names
from services.cart.domain.commands import Body, Name
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
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}([-_][A-Z][a-z]{3})?([-_]([A-Z]{2}|[0-9]{3}))?$")]


class Contact(Body):
    """A customer's contact data and consent; replaces what was known. E-mail syntax after RFC 5322, phone E.164.

    `email_consent_at` and `sms_consent_at` say when the customer agreed: an unsubscription that is older than that is
    lifted. Where they are not told, a consent that was there before keeps its time, and a new one is of now.
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
    email_consent: bool = False
    sms_consent: bool = False
    email_consent_at: Instant | None = None
    sms_consent_at: Instant | None = None


class Profile(BaseModel):
    """A contact as it is kept for one customer of one store."""

    store_id: str
    customer_id: str
    version: int
    updated_at: datetime
    contact: Contact = Field(repr=False)

    def event(self, event_id: UUID, unconfirmed: tuple[str, ...] = ()) -> ProfileSet:
        """The event that tells the notifier; `unconfirmed` channels are those whose addresses it has to ask."""
        return ProfileSet(
            event_id=event_id,
            occurred_at=self.updated_at,
            store_id=self.store_id,
            customer_id=self.customer_id,
            profile_version=self.version,
            unconfirmed=unconfirmed or None,
            **self.contact.model_dump(),
        )
