"""The console's own words: a file a language, the same keys in each."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("en", "de", "pl")
Entry = str | Mapping[str, str]


class Wording:
    """The words of one language."""

    def __init__(self, language: str, entries: Mapping[str, Entry]) -> None:
        self.language, self.entries = language, entries
        self.locale = Locale.parse(language)

    def __call__(self, key: str, n: float | None = None, **facts: object) -> str:
        """Words with their facts put in; where a number decides on their form (`n`), in the form for it.

        Raises `KeyError` for words that there are not: a test holds every key that a page names.
        """
        entry = self.entries[key]
        if not isinstance(entry, str):
            form = self.locale.plural_form(abs(n)) if n is not None else "other"
            entry = entry.get(form) or entry["other"]
        if n is not None:
            facts["n"] = format_decimal(n, locale=self.locale)
        return entry.format(**facts) if facts else entry

    def of(self, key: str, fallback: str) -> str:
        """Words for something that others name; their own name of it where we have no word."""
        entry = self.entries.get(key)
        return entry if isinstance(entry, str) else fallback


@cache
def wording(language: str) -> Wording:
    """The words of a language that ships."""
    told = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return Wording(language, dict(_flat(told, "")))


def _flat(told: Mapping[str, Any], before: str) -> Iterator[tuple[str, Entry]]:
    for name, entry in told.items():
        if isinstance(entry, dict) and "other" not in entry:
            yield from _flat(entry, f"{before}{name}.")
        else:
            yield f"{before}{name}", entry


def chosen(person: str | None, accepted: str) -> str:
    """The language for somebody: what they chose, else what their browser asks for, else English."""
    if person in LANGUAGES:
        return str(person)
    asked = (part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted.split(","))
    return next((tag for tag in asked if tag in LANGUAGES), LANGUAGES[0])
