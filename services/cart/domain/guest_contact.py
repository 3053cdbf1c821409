"""The address that a guest leaves at the checkout, and what they agreed to with it. Pure."""

import secrets
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from libs.contracts.events import GUESTS, CartDetailsSet
from services.cart.domain.cart import Cart, Change, Context, event, next_version
from services.cart.domain.commands import Body, Name
from services.cart.domain.profile import Contact, Email, Locale, Zone

Wording = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class Consent(Body):
    """What the guest agreed to: a channel, in the words that they saw beside the box."""

    channel: Literal["email"]
    wording: Wording


class GuestContact(Body):
    """Where a guest may be written to about their cart; replaces what they left before.

    Without a consent for e-mail it is kept, and nothing is sent.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "anna@shop.example",
                    "name": "Anna",
                    "locale": "pl",
                    "consents": [{"channel": "email", "wording": "Remind me of my cart by e-mail."}],
                }
            ]
        }
    )

    email: Email = Field(repr=False)
    name: Name | None = Field(default=None, repr=False)
    locale: Locale | None = None
    timezone: Zone | None = None
    consents: list[Consent] = Field(default_factory=list, max_length=5)

    def contact(self, locale: str) -> Contact:
        """The same as a profile; `locale` is the store's."""
        agreed = any(consent.channel == "email" for consent in self.consents)
        return Contact(
            email=self.email,
            name=self.name,
            locale=self.locale or locale,
            timezone=self.timezone,
            email_consent=agreed,
        )

    def agreed(self) -> list[tuple[str, str]]:
        """The words that the guest agreed to, by channel."""
        return list({consent.channel: consent.wording for consent in self.consents}.items())


def new_recipient() -> str:
    """An id for a guest who leaves an address: nobody can guess it, and no log-in has it."""
    return GUESTS + secrets.token_hex(16)


def name_recipient(cart: Cart, recipient_id: str, context: Context) -> Change:
    """The guest's cart with somebody to write to about it; its goods are as they were."""
    after = next_version(cart, context, recipient_id=recipient_id)
    return Change(after, event(CartDetailsSet, after, context))
