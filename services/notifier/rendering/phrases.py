"""What is said, in the customer's language, with the right plural. Pure once the files are read."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

FALLBACK = "en"
DECLARED = "variables"
REMEMBERED = 500  # what a browser wants to read is anybody's text

_PLACE = re.compile(r"\{(\w+)\}")

# Serbian in Latin script follows from Cyrillic letter by letter (Pravopis srpskoga jezika).
_LATIN = {
    **dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True)),
    "љ": "lj",
    "њ": "nj",
    "џ": "dž",
}
_TO_LATIN = str.maketrans(_LATIN | {c.upper(): latin.capitalize() for c, latin in _LATIN.items()})


class UnknownPhraseError(KeyError):
    """There is no such phrase in this language: the template that asks for it does not exist."""


class MissingVariableError(ValueError):
    """A template or a phrase names something that is not known of this message; the message says what."""


class BrokenWordingError(ValueError):
    """A file of phrases can't be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The phrases of one language; `locale` also decides how money and plurals are written."""

    locale: Locale
    phrases: Mapping[str, Any]

    @property
    def tag(self) -> str:
        """The BCP 47 tag, for the `lang` attribute and for Content-Language."""
        return str(self.locale).replace("_", "-")

    def has(self, section: str) -> bool:
        """Whether there are phrases for this section."""
        return isinstance(self.phrases.get(section), Mapping)

    def variables(self, section: str) -> tuple[str, ...]:
        """The names that a template of a store declares (`variables = "gift until"`): who hands it over says them."""
        found = self.phrases.get(section)
        return tuple(str(found.get(DECLARED, "")).split()) if isinstance(found, Mapping) else ()

    def say(self, path: str, values: Mapping[str, object], n: int | None = None) -> str:
        """The phrase at `section.name` with its `{placeholders}` filled; a counted one in the plural form of `n`.

        Values are put in as they are and never looked into: a `{` in a product's title is just a character. Raises
        `UnknownPhraseError`, and `MissingVariableError` where a placeholder would stay empty.
        """
        phrase = self._phrase(path, n)
        if "{" not in phrase:  # half of them
            return phrase

        def filled(place: re.Match[str]) -> str:
            value = n if place[1] == "n" else values.get(place[1])
            if value is None or value == "":
                raise MissingVariableError(f"{path}: {{{place[1]}}}")
            return str(value)

        return _PLACE.sub(filled, phrase)

    def show(self, path: str, values: Mapping[str, object]) -> str:
        """As `say`, for a page that has to open whatever it is told: what is not known stays empty."""
        return _PLACE.sub(lambda place: str(values.get(place[1], "")), self._phrase(path, None))

    def _phrase(self, path: str, n: int | None) -> str:
        found: Any = self.phrases
        for part in path.split("."):
            if not isinstance(found, dict) or part not in found:  # as TOML is read; asking for a Mapping costs more
                raise UnknownPhraseError(path)
            found = found[part]
        if isinstance(found, dict):
            category = _plural(n or 0, self.locale)
            found = found[category] if category in found else found["other"]
        return str(found)


@lru_cache(maxsize=4096)
def _plural(n: int, locale: Locale) -> str:
    return str(locale.plural_form(n))


class Wordings:
    """The languages found in folders; what a store's own folder says goes before what ships."""

    def __init__(self, *folders: Path) -> None:
        self._phrases: dict[str, dict[str, Any]] = {}
        for folder in reversed(folders):
            for file in sorted(folder.glob("wording/*.toml")):
                known = self._phrases.get(file.stem, {})
                self._phrases[file.stem] = _overlaid(known, read_words(file))
        self._chosen: dict[tuple[str, str], Wording] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are files of."""
        return tuple(sorted(self._phrases))

    def sections(self) -> dict[str, bool]:
        """Every section in any language: by its name whether there are words for a text, too."""
        found = dict[str, bool]()
        for phrases in self._phrases.values():
            texts = phrases.get("sms", {})
            for section, said in phrases.items():
                if isinstance(said, Mapping):
                    found[section] = found.get(section, False) or section in texts
        return found

    def said_of(self, section: str) -> dict[str, dict[str, Any]]:
        """What is said of a section, by language; its text is `text_message`."""
        found = {}
        for language in self.languages:
            phrases = self._phrases[language]
            if isinstance(of_letter := phrases.get(section), Mapping):
                text = phrases.get("sms", {}).get(section)
                found[language] = {**of_letter} | ({} if text is None else {"text_message": text})
        return found

    def choose(self, wanted: str, store: str) -> Wording:
        """The customer's language, else the store's, else English; the region (`de-AT`) decides formats only."""
        if (wanted, store) not in self._chosen:
            found = self._find(wanted) or self._find(store) or self._find(FALLBACK)
            assert found is not None
            if len(self._chosen) >= REMEMBERED:
                self._chosen.clear()
            self._chosen[wanted, store] = found
        return self._chosen[wanted, store]

    def _find(self, tag: str) -> Wording | None:
        try:
            locale = Locale.parse(tag.replace("-", "_"))
        except (ValueError, UnknownLocaleError, TypeError):
            language, _, region = tag.replace("_", "-").partition("-")
            return self._find(language) if region else None
        phrases = self._phrases.get(locale.language)
        if phrases is None:
            return None
        if locale.language == "sr" and locale.script == "Latn":
            phrases = _latin(phrases)
        return Wording(locale, phrases)


def read_words(file: Path) -> dict[str, Any]:
    """The phrases of one file. Raises `BrokenWordingError`."""
    try:
        return _parsed(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenWordingError(f"{file.name}: {error}") from error


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """The same dictionary for the same text, to read: the shipped phrases are part of every store's."""
    return tomllib.loads(text)


def _overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _overlaid(below[key], value)
        for key, value in above.items()
        if isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
    }
    return {**below, **above, **both}


def _latin(phrases: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _latin(v) if isinstance(v, Mapping) else str(v).translate(_TO_LATIN) for k, v in phrases.items()}
