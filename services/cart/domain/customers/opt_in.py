"""Whether whoever has an address is asked before it counts what was agreed to for it. Pure.

Texts always: anybody may type a number, and carriers in the United States want a double opt-in for cart texts. E-mail
where the store asks for it, or where the guest may be in Germany, whose courts want a double opt-in that is logged.
"""

import re
from typing import Final, Literal

GuestContacts = Literal["off", "single_opt_in", "double_opt_in"]
"""What a store does with addresses that guests leave: takes none, believes them, or asks each address first."""

ASKING_COUNTRIES: Final = frozenset({"DE"})
ASKING_ZONES: Final = frozenset({"Europe/Berlin", "Europe/Busingen"})
ASKING_LANGUAGES: Final = frozenset({"de"})
"""Of a language without a country the strictest of its countries is assumed."""

_LOCALE = re.compile(r"(?P<language>[a-z]{2,3})(?:[-_][A-Z][a-z]{3})?(?:[-_](?P<country>[A-Z]{2}|[0-9]{3}))?")


def asks_first(channel: str, policy: GuestContacts, locale: str, zone: str | None) -> bool:
    """Whether an address has to confirm; `locale` and `zone` are the guest's, or else the store's."""
    return channel != "email" or policy == "double_opt_in" or zone in ASKING_ZONES or _asked_for_by(locale)


def _asked_for_by(locale: str) -> bool:
    found = _LOCALE.fullmatch(locale)
    if found is None:
        return False
    country = found["country"]
    return country in ASKING_COUNTRIES if country else found["language"] in ASKING_LANGUAGES
