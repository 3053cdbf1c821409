"""Rules of messages as they come out of a folder of templates, with sample goods. Pure, given the files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from babel import Locale, UnknownLocaleError

from services.notifier.domain.gsm import fits_gsm
from services.notifier.domain.segments import count_segments
from services.notifier.domain.store import Store
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.lint.finding import Finding, lines_of
from services.notifier.rendering.lint.html import broken_links, longest_line, shows, too_large, weak_contrasts
from services.notifier.rendering.lint.words import faults_of_words
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.mime import build
from services.notifier.rendering.phrases import MissingVariableError, UnknownPhraseError, read_words
from services.notifier.rendering.samples import ANNA, NOW, Sample
from services.notifier.rendering.templates import (
    NO_TEMPLATES,
    BrokenTemplateError,
    Letter,
    Templates,
    UnknownTemplateError,
)

STORE = Store(name="Lantern & Loom", email_from="hello@shop.example", sms_from="+12015550100")
CODE: Final = "SAVE10"
_ADDRESS: Final = re.compile(r"\S*://\S+")
MOST_SEGMENTS: Final = {True: 2, False: 3}
"""Of a text in the GSM alphabet, and of one that is not."""


@dataclass(frozen=True, slots=True)
class _Linted:
    """A folder with its templates, those that ship below them where `own` is not what ships."""

    own: Path
    templates: Templates

    def where(self, *names: str) -> tuple[str, int]:
        """The first of these files that the folder has, else the folder."""
        return next((name for name in names if (self.own / name).is_file()), "."), 1

    def holding(self, said: str, layout: tuple[str, int]) -> tuple[str, int]:
        """Where a layout, or a part of one, says this; else the layout."""
        parts = sorted(file.name for file in self.own.glob("_*.mjml"))
        for name in (layout[0], *parts):
            lines = (self.own / name).read_text(encoding="utf-8").splitlines() if (self.own / name).is_file() else []
            for number, line in enumerate(lines, 1):
                if said in line.lower():
                    return name, number
        return layout


def faults_of(own: Path, *, ships: bool = False, only: str | None = None) -> list[Finding]:
    """Every fault of a folder of templates, or of `only` one in it; `ships` where it is the one that ships. Each fault
    is told once.
    """
    try:
        linted = _Linted(own, Templates(None if ships else own))
        linted.templates.check()
    except BrokenTemplateError as error:
        file = str(error).partition(":")[0]
        below = f"wording/{file}" if (own / "wording" / file).is_file() else file
        return [Finding(below, 1, "broken", str(error))]
    return sorted({*_of_files(linted), *_of_messages(linted, only)})


def _of_files(linted: _Linted) -> Iterator[Finding]:
    for file in sorted(linted.own.glob("wording/*.toml")):
        name = f"wording/{file.name}"
        try:
            locale = Locale.parse(file.stem)
        except (ValueError, UnknownLocaleError):
            yield Finding(name, 1, "language", f"{file.stem} is no language")
            continue
        yield from faults_of_words(name, file.read_text(encoding="utf-8"), read_words(file), locale)


def _of_messages(linted: _Linted, only: str | None) -> Iterator[Finding]:
    for language in linted.templates.wordings.languages:
        sample = Sample(linted.templates, STORE, replace(ANNA, locale=language))
        words = linted.templates.wordings.choose(language, "en")
        if words.locale.language != language:
            continue  # a file of no language speaks to nobody
        said = (name for name in words.phrases if name not in NO_TEMPLATES and words.has(name))
        for section in said if only is None else {only} & {*said}:
            offering = replace(sample, coupon=CODE, coupon_until=NOW)
            yield from _of_letter(linted, offering, section, language)
            yield from _of_text(linted, sample, section, language)
            yield from _of_offers(linted, offering, section)


def _of_letter(linted: _Linted, sample: Sample, section: str, language: str) -> Iterator[Finding]:
    draft = sample.draft(section, "email")
    try:
        letter = compose_letter(draft)
    except (MissingVariableError, BrokenTemplateError, UnknownTemplateError, UnknownPhraseError) as error:
        yield _unwritten(linted, language, section, error)
        return
    layout = linted.where(f"{draft.reminder.template}.mjml", f"{draft.reminder.kind}.mjml", "message.mjml")
    yield from _of_page(linted, layout, draft, letter)
    if not draft.transactional and draft.unsubscribe_url not in letter.text:
        plain = linted.where(f"{draft.reminder.template}.txt.jinja", "email.txt.jinja")
        yield Finding(*plain, "unsubscribe", f"the text of {section} has no way to unsubscribe")
    if longest := longest_line(_sent(draft, letter)):
        at = _line(linted, language, f"{section}.subject")
        yield Finding(*at, "line-too-long", f"{section} has a line of {longest} octets; mail has at most 998")


def _of_page(linted: _Linted, layout: tuple[str, int], draft: Draft, letter: Letter) -> Iterator[Finding]:
    html, template = letter.html, draft.reminder.template
    if not draft.transactional and draft.unsubscribe_url not in html:
        yield Finding(*layout, "unsubscribe", f"{template} has no way to unsubscribe")
    if size := too_large(html):
        yield Finding(*layout, "too-large", f"{template} has {size} bytes; Gmail hides what comes after 102 kB")
    for link in broken_links(html):
        yield Finding(*layout, "broken-link", f"{template} links to {link!r}")
    for colour, ground, found, needed in weak_contrasts(html):
        at = linted.holding(colour, layout)
        yield Finding(*at, "contrast", f"{colour} on {ground} has a contrast of {found:.1f}, and needs {needed}")


def _of_text(linted: _Linted, sample: Sample, section: str, language: str) -> Iterator[Finding]:
    for sender in ("+12015550100", "Lantern"):
        draft = replace(sample, store=STORE.model_copy(update={"sms_from": sender})).draft(section, "sms")
        try:
            text = compose_text(draft)
        except (MissingVariableError, BrokenTemplateError, UnknownTemplateError, UnknownPhraseError) as error:
            yield _unwritten(linted, language, f"sms.{section}", error)
            return
        at = _line(linted, language, f"sms.{section}")
        if (segments := count_segments(text)) > MOST_SEGMENTS[fits_gsm(text)]:
            yield Finding(*at, "segments", f"{section} takes {segments} segments")
        out = draft.unsubscribe_url if not draft.store.takes_replies else "STOP"
        if not draft.transactional and not draft.asks and out not in text:
            file = linted.where(f"{draft.reminder.template}.sms.jinja", "sms.txt.jinja")
            yield Finding(*file, "unsubscribe", f"the text {section} has no way to opt out")


def _of_offers(linted: _Linted, offering: Sample, section: str) -> Iterator[Finding]:
    """Where a code is taken from a pool for somebody who never reads it."""
    try:
        letter, text = offering.draft(section, "email"), offering.draft(section, "sms")
        if letter.transactional or letter.asks:
            return
        written, said = compose_letter(letter), compose_text(text)
    except (MissingVariableError, BrokenTemplateError, UnknownTemplateError, UnknownPhraseError):
        return  # said already
    name, kind = letter.reminder.template, letter.reminder.kind
    if not shows(written.html, CODE):
        at = linted.where(f"{name}.mjml", f"{kind}.mjml", "_action.mjml", "message.mjml")
        yield Finding(*at, "unused-coupon", f"{name} shows no coupon where one is offered")
    if CODE not in _ADDRESS.sub("", written.text):
        at = linted.where(f"{name}.txt.jinja", "email.txt.jinja")
        yield Finding(*at, "unused-coupon", f"the text of {name} shows no coupon where one is offered")
    if CODE not in _ADDRESS.sub("", said):
        at = linted.where(f"{name}.sms.jinja", "sms.txt.jinja")
        yield Finding(*at, "unused-coupon", f"the text message {name} shows no coupon where one is offered")


def _sent(draft: Draft, letter: Letter) -> bytes:
    return build(
        letter,
        reminder_id=UUID(int=1),
        sender="hello@shop.example",
        sender_name=STORE.name,
        recipient="anna@example.com",
        date=NOW,
        unsubscribe=draft.unsubscribe_url,
    ).content


def _unwritten(linted: _Linted, language: str, section: str, error: Exception) -> Finding:
    """A message that can't be written: at the phrase that its error names, or at the file."""
    rule = "missing-variable" if isinstance(error, MissingVariableError) else "broken"
    named = str(error).partition(": ")[0].strip("'\"")
    at = (named, 1) if (linted.own / named).is_file() else _line(linted, language, named)
    return Finding(*at, rule, f"{section} in {language}: {error}")


def _line(linted: _Linted, language: str, path: str) -> tuple[str, int]:
    """Where a phrase stands in the folder's own words, or the file's first line."""
    name = f"wording/{language}.toml"
    if not (linted.own / name).is_file():
        return linted.where(name)
    lines = lines_of((linted.own / name).read_text(encoding="utf-8"))
    return name, lines.get(path) or lines.get(path.rpartition(".")[0]) or 1
