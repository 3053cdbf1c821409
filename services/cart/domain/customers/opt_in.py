"""Whether whoever has an address is asked before it counts what was agreed to for it. Pure; the countries are data.

Texts always: anybody may type a number, and carriers in the United States want a double opt-in for cart texts. E-mail
where the store asks for it, or where the guest may be in a country that wants it.

Source: `opt_in.toml`, which says of each country where it comes from.
"""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from libs.files import toml_file
from libs.runtime.zones import country_of_zone

GuestContacts = Literal["off", "single_opt_in", "double_opt_in"]
"""What a store does with addresses that guests leave: takes none, believes them, or asks each address first."""

SHIPPED: Final = Path(__file__).with_name("opt_in.toml")

_LOCALE = re.compile(r"(?P<language>[a-z]{2,3})(?:[-_][A-Z][a-z]{3})?(?:[-_](?P<country>[A-Z]{2}|[0-9]{3}))?")


class OptInLaw(BaseModel):
    """In a country an e-mail address is asked first. Of one of `languages` without a country this one is assumed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: str = Field(pattern=r"^[A-Z]{2}$")
    languages: frozenset[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = frozenset()
    source: str = Field(min_length=1)


class OptInFile(BaseModel):
    """The countries, and when they were looked at last."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reviewed: date
    opt_ins: tuple[OptInLaw, ...] = ()


class OptIns:
    """Who is asked first, by the countries of a file."""

    def __init__(self, file: OptInFile) -> None:
        self._countries = frozenset(law.country for law in file.opt_ins)
        self._languages = frozenset(language for law in file.opt_ins for language in law.languages)

    @classmethod
    def read(cls, path: Path = SHIPPED) -> "OptIns":
        """The countries of a file. Raises `TomlFileError`, which says in words what is wrong with it."""
        return cls(toml_file.load(path, OptInFile))

    def asks_first(
        self, channel: str, policy: GuestContacts, locale: str, zone: str | None, country: str | None = None
    ) -> bool:
        """Whether an address has to confirm; `locale` and `zone` are the guest's, or else the store's.

        `country` is that of the guest's address. Where it is told, a language alone tells no other.
        """
        if channel != "email" or policy == "double_opt_in":
            return True
        found = _LOCALE.fullmatch(locale)
        spoken_in = found["country"] if found else None
        if not self._countries.isdisjoint({country, country_of_zone(zone), spoken_in}):
            return True
        guessed = found["language"] if found and country is None and spoken_in is None else None
        return guessed in self._languages


def zone_of(told: str | None, country: str | None, of_store: str | None) -> str | None:
    """By which `asks_first` looks for a country: the store's zone tells it of whom neither zone nor country is told."""
    return told or (None if country else of_store)
