"""A template as somebody edits it: its fields in one language, what differs from another, and two people's changes.

A template is what the notifier takes: `words` by language, `variables`, and the sources of its looks. Pure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Said = dict[str, Any]
PHRASES = ("subject", "preheader", "heading", "body", "button", "badge", "text_message")
OPTIONAL = ("badge", "text_message")
SOURCES = ("mjml", "text", "text_message")
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)")
_SCHEMES = re.compile(
    r"(color-scheme\s*:\s*|name=\"(?:supported-)?color-schemes?\"\s+content=\")(light dark|dark light)"
)
Form = tuple[str, str]
"""A plural category of the language ("" where the phrase is not counted), and what is said in it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A field of a template in one language; `forms` are one, or one for each category of the language."""

    name: str
    forms: tuple[Form, ...]
    needed: bool

    @property
    def counted(self) -> bool:
        """Whether it has a form for each number."""
        return all(category for category, _ in self.forms)


@dataclass(frozen=True, slots=True)
class Difference:
    """A place (`words/de/subject/one`), and what it says on both sides; None where it says nothing."""

    place: str
    before: str | None
    after: str | None


def phrases_of(said: Mapping[str, Any], language: str, categories: Sequence[str]) -> list[Phrase]:
    """The fields of a language, to be filled in; empty ones where nothing is said in it."""
    words = said.get("words", {}).get(language, {})
    return [Phrase(name, _forms(words.get(name), categories), name not in OPTIONAL) for name in PHRASES]


def _forms(found: Any, categories: Sequence[str]) -> tuple[Form, ...]:  # noqa: ANN401 - text, or texts by category
    if isinstance(found, Mapping):
        return tuple((one, str(found.get(one, ""))) for one in categories)
    return (("", str(found or "")),)


def filled_in(said: Mapping[str, Any], language: str, form: Mapping[str, str], categories: Sequence[str]) -> Said:
    """The template with what a form says of a language, of what servers hand over, and of looks; what the form has no
    field for stays. `counted.<phrase>` makes of a phrase one for each number.
    """
    after = deepcopy(dict(said))
    words = {name: text for name in PHRASES if (text := _phrase(name, form, categories)) is not None}
    if any(name.startswith("words.") for name in form):
        after["words"] = {**after.get("words", {}), language: words}
    if "variables" in form:
        after["variables"] = form["variables"].split()
    for name in SOURCES:
        if f"source.{name}" in form:
            after[name] = _lines(form[f"source.{name}"]) or None
    return after


def _phrase(name: str, form: Mapping[str, str], categories: Sequence[str]) -> str | dict[str, str] | None:
    forms = {one: text for one in categories if (text := _text(form.get(f"words.{name}.{one}", "")))}
    whole = _text(form.get(f"words.{name}", ""))
    if f"counted.{name}" in form:
        return forms or (dict.fromkeys(categories, whole) if whole else None)
    return whole or forms.get("other") or None


def _text(said: str) -> str:
    return _lines(said).strip()


def _lines(said: str) -> str:
    """Browsers end lines as networks do."""
    return said.replace("\r\n", "\n").replace("\r", "\n")


def with_language(said: Mapping[str, Any], language: str, like: str) -> Said:
    """The template with one more language, that says what another does until somebody writes it anew."""
    words: Said = said.get("words", {})
    begun: Said = words.get(like) or next(iter(words.values()), {})
    return {**said, "words": {**words, language: words.get(language, deepcopy(begun))}}


def without_language(said: Mapping[str, Any], language: str) -> Said:
    """The template without a language; the last one stays."""
    words = {one: phrases for one, phrases in said.get("words", {}).items() if one != language}
    return {**said, "words": words or said.get("words", {})}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Everything that the two say otherwise, by place."""
    one, other = dict(_leaves(before)), dict(_leaves(after))
    places = sorted({*one, *other})
    return [Difference(at, one.get(at), other.get(at)) for at in places if one.get(at) != other.get(at)]


def on_top_of(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Said:
    """Their template with what I have changed since we both had `base`; where both changed a place it is mine."""
    found = deepcopy(dict(theirs))
    changed = differences(base, mine)
    for one in changed:
        if one.after is None:
            _take_out(found, one.place.split("/"))
    for one in changed:
        if one.after is not None:
            _put(found, one.place.split("/"), one.after)
    return found


def both_changed(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """The places at which two people have said different things."""
    ours = {one.place: one.after for one in differences(base, mine)}
    return [one.place for one in differences(base, theirs) if one.place in ours and ours[one.place] != one.after]


def _leaves(said: Any, place: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    if isinstance(said, Mapping):
        for name, inner in said.items():
            yield from _leaves(inner, f"{place}/{name}" if place else name)
    elif isinstance(said, list | tuple):
        if said:
            yield place, " ".join(map(str, said))
    elif said is not None:
        yield place, str(said)


def _put(said: Said, path: list[str], text: str) -> None:
    inner = said
    for name in path[:-1]:
        if not isinstance(inner.get(name), dict):
            inner[name] = {}
        inner = inner[name]
    inner[path[-1]] = text.split() if path == ["variables"] else text


def _take_out(said: Said, path: list[str]) -> None:
    way = [said]
    for name in path[:-1]:
        if not isinstance(inner := way[-1].get(name), dict):
            return
        way.append(inner)
    way[-1].pop(path[-1], None)
    for outer, name in zip(reversed(way[:-1]), reversed(path[:-1]), strict=True):
        if not outer[name]:
            del outer[name]


def seen_in(html: str, scheme: str) -> str:
    """A letter as whoever has chosen a light or a dark screen sees it, on any screen."""
    settled = _DARK.sub(lambda found: "all" if found[1] == scheme else "not all", html)
    return _SCHEMES.sub(lambda found: f"{found[1]}{scheme}", settled)
