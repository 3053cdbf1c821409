"""What a customer has agreed to, channel by channel, and what proves it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cart.domain.customers.profile import Contact


@dataclass(frozen=True, slots=True)
class KnownConsent:
    """A consent. `wording` are the words that were agreed to, on `page`; None where the store's server said that the
    customer agreed, and keeps the words itself. Where the address was `asked`, it has said yes to `confirmed_wording`
    since `confirmed_at`. `counts`: messages may go there by it now.
    """

    channel: str
    counts: bool
    agreed_at: datetime | None
    wording: str | None = None
    page: str | None = None
    asked: bool = False
    confirmed_at: datetime | None = None
    confirmed_wording: str | None = None


def known_consents(contact: Contact | None, proofs: Iterable[Mapping[str, Any]]) -> list[KnownConsent]:
    """All that is known of a customer's consents, by channel; `proofs` are the rows of what was agreed to here."""
    since = _in_force(contact) if contact else {}
    proven = {one["channel"]: KnownConsent(counts=one["channel"] in since, **one) for one in proofs}
    told = {channel: KnownConsent(channel, counts=True, agreed_at=at) for channel, at in since.items()}
    return [one for _, one in sorted((told | proven).items())]


def _in_force(contact: Contact) -> dict[str, datetime | None]:
    own = (
        ("email", contact.email_consent, contact.email_consent_at),
        ("sms", contact.sms_consent, contact.sms_consent_at),
        *((name, one.consent, one.consent_at) for name, one in (contact.handles or {}).items()),
    )
    return {channel: at for channel, agreed, at in own if agreed}
