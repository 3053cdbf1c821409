"""Rules of a file of words, which need no rendering. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from babel import Locale

from services.notifier.domain.replies import meaning
from services.notifier.rendering.lint.finding import Finding, lines_of
from services.notifier.rendering.phrases import DECLARED

VARIABLES = frozenset(
    [
        *("store", "name", "title", "first", "coupon", "and_more", "order_id", "n", "was", "now", "savings"),
        *("units_left", "url", "unsubscribe_url", "until", "coupon_until", "times_abandoned", "day", "time", "every"),
    ]
)
"""What words may name at all; what is known of a message of one kind only the rendering finds out."""
REPLIED_TO = ("sms.help", "sms.stop", "sms.stop_link")

_PLACE = re.compile(r"\{(\w*)\}")
_SIGN = r"(?:[$€£¥₽₴₹]|zł|Kč|\b(?:EUR|USD|GBP|PLN|CZK|UAH|RUB|RSD|CHF)\b)"
_BY_HAND = re.compile(rf"{_SIGN}\s*[\d{{]|[\d}}]\s*{_SIGN}")


def faults_of_words(file: str, source: str, phrases: Mapping[str, Any], locale: Locale) -> Iterator[Finding]:
    """Every fault of a file: `missing-variable`, `plural`, `money`, `opt-out-word`, `unsubscribe`."""
    lines = lines_of(source)

    def fault(path: str, rule: str, said: str) -> Finding:
        parts = path.split(".")
        above = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        return Finding(file, next((lines[one] for one in above if one in lines), 1), rule, said)

    for path, text in texts(phrases):
        for name in sorted(unknown_variables(text) - declared(phrases, path)):
            yield fault(path, "missing-variable", f"{path} names {{{name}}}, which nothing is called")
        if money_by_hand(text):
            yield fault(path, "money", f"{path} writes an amount itself; amounts come written by ISO 4217 and CLDR")
    for path in plurals_missing(phrases, locale):
        yield fault(path, "plural", f"{path} is not said; {locale} counts in {', '.join(categories(locale))}")
    for path, word in words_not_understood(dict(texts(phrases))):
        yield fault(path, "opt-out-word", f"{path} tells people to reply {word!r}, which opts out of nothing")
    for path in without_way_out(dict(texts(phrases))):
        yield fault(path, "unsubscribe", f"{path} names no way to end the messages")


def texts(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its path."""
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from texts(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)


def unknown_variables(text: str) -> set[str]:
    """What a text names that no message knows."""
    return set(_PLACE.findall(text)) - VARIABLES


def declared(phrases: Mapping[str, Any], path: str) -> set[str]:
    """The variables that the template of a phrase declares, of a letter or a text."""
    section = path.removeprefix("sms.").partition(".")[0]
    found = phrases.get(section)
    return set(str(found.get(DECLARED, "")).split()) if isinstance(found, Mapping) else set()


def money_by_hand(text: str) -> bool:
    """Whether a text writes a sign or code of a currency beside a number or a variable."""
    return _BY_HAND.search(text) is not None


def categories(locale: Locale) -> list[str]:
    """The CLDR plural categories of a language."""
    return sorted({*locale.plural_form.tags, "other"})


def plurals_missing(phrases: Mapping[str, Any], locale: Locale, path: str = "") -> Iterator[str]:
    """Categories that counted phrases lack."""
    for key, value in phrases.items():
        if not isinstance(value, Mapping):
            continue
        if "other" in value:
            yield from (f"{path}{key}.{one}" for one in categories(locale) if one not in value)
        else:
            yield from plurals_missing(value, locale, f"{path}{key}.")


def words_not_understood(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Words that texts tell people to reply and that do not opt out: capitals, and what stands before a colon."""
    for path in REPLIED_TO:
        text = re.sub(r"^\{store\}\s?:\s", "", said.get(path, ""))
        asked = re.findall(r"\b[A-Z]{3,}\b", text) + re.findall(r"(?:^|[.] )([^.:]+):", text)
        yield from ((path, word.strip()) for word in asked if meaning(word) != "stop")


def without_way_out(said: Mapping[str, str]) -> Iterator[str]:
    """The phrases that end a text, where they do not say how to opt out."""
    if "sms.stop" in said and not re.search(r"\b[A-Z]{3,}\b", said["sms.stop"]):
        yield "sms.stop"
    if "sms.stop_link" in said and "{unsubscribe_url}" not in said["sms.stop_link"]:
        yield "sms.stop_link"
