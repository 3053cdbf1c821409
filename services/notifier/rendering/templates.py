"""Templates: MJML compiled once to HTML, then filled by Jinja2 in a sandbox with autoescape."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import mrml
from jinja2 import StrictUndefined, Template, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notifier.rendering.phrases import FALLBACK, BrokenWordingError, MissingVariableError, Wording, Wordings

_INCLUDE = re.compile(r'<mj-include path="(_\w+\.mjml)" />')
NO_TEMPLATES = (
    *("common", "sms", "page", "confirm_page", "preferences_page"),
    *("monthly_page", "monthly_confirm_page"),
)
SHIPPED = Path(__file__).parents[1] / "templates"
_OPTIONS: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
_HTML = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
_TEXT = ImmutableSandboxedEnvironment(autoescape=False, **_OPTIONS)
COMPILED = 256
"""So many layouts are kept compiled: what ships, which most stores share, and some hundred of their own."""


class UnknownTemplateError(LookupError):
    """No folder has words or a layout for this template; sending it again would not help."""


class BrokenTemplateError(ValueError):
    """A template can't be compiled or filled."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered e-mail without its headers. Never kept and never logged."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str


class Templates:
    """One store's templates: files of its own folders, the first before the second, go before those that ship, one by
    one.
    """

    def __init__(self, *own: Path | None) -> None:
        self._folders = [*(folder for folder in own if folder), SHIPPED]
        try:
            self.wordings = Wordings(*self._folders)
        except BrokenWordingError as error:
            raise BrokenTemplateError(str(error)) from error
        self._compiled: dict[str, Template] = {}
        self._found: dict[tuple[str, ...], str] = {}

    @cached_property
    def said(self) -> Mapping[str, bool]:
        """Every template that there are words of: by its name whether there are any for a text."""
        return {name: texts for name, texts in self.wordings.sections().items() if name not in NO_TEMPLATES}

    def wording(self, template: str, step: int, locale: str, store_locale: str) -> tuple[Wording, str]:
        """The words for a template and the name of their section: its own, or the one of its step.

        So `abandoned_cart` says at step 2 what `abandoned_cart_2` says, and at every later step too: that a reminder is
        the last one only the campaign knows, by naming `abandoned_cart_3`. Raises `UnknownTemplateError`.
        """
        for language in (locale, store_locale, FALLBACK):  # words of a store's own may be in fewer languages
            found = self.wordings.choose(language, store_locale)
            for section in (template, f"{template}_{min(step, 2)}"):
                if section not in NO_TEMPLATES and found.has(section):
                    return found, section
        raise UnknownTemplateError(template)

    def letter(self, template: str, kind: str, values: Mapping[str, object], subject: str, language: str) -> Letter:
        """Fills `<template>.mjml`, or the layout of its kind or of all, and the text that goes with it.

        Raises `MissingVariableError` where one names what is not known of this message, and `BrokenTemplateError`.
        """
        layout = self._first(f"{template}.mjml", f"{kind}.mjml", "message.mjml")
        text = self._first(f"{template}.txt.jinja", "email.txt.jinja")
        html = _filled(layout, self._compile(layout, self._html), values)
        plain = _filled(text, self._compile(text, self._text), values)
        return Letter(subject, plain.strip() + "\n", html, language)

    def line(self, template: str, values: Mapping[str, object]) -> str:
        """Fills the text message's template: one line without runs of spaces. Raises as `letter`."""
        name = self._first(f"{template}.sms.jinja", "sms.txt.jinja")
        return " ".join(_filled(name, self._compile(name, self._text), values).split())

    def check(self) -> None:
        """Compiles every layout. Raises `BrokenTemplateError`: at the start rather than at the first customer."""
        for file in {f.name for folder in self._folders for f in folder.glob("[!_]*.mjml")}:
            self._compile(file, self._html)

    def _first(self, *names: str) -> str:
        """The first of these names that a folder has a file of; looked for once, as files are read once."""
        if names not in self._found:
            there = (name for name in names if any((folder / name).is_file() for folder in self._folders))
            name = next(there, None)
            if name is None:
                raise UnknownTemplateError(names[0])
            self._found[names] = name
        return self._found[names]

    def _source(self, name: str) -> str:
        path = next(folder / name for folder in self._folders if (folder / name).is_file())
        return path.read_text(encoding="utf-8")

    def _compile(self, name: str, how: Any) -> Template:  # noqa: ANN401 - a bound method of two shapes
        if name not in self._compiled:
            try:
                self._compiled[name] = how(name)
            except (TemplateError, ValueError) as error:
                raise BrokenTemplateError(f"{name}: {error}") from error
        return self._compiled[name]

    def _html(self, name: str) -> Template:
        # put in as text: mrml renders what mj-include brings into a column without the column's rows
        return _html(_INCLUDE.sub(lambda m: self._source(m[1]), self._source(name)))

    def _text(self, name: str) -> Template:
        return _text(self._source(name))


@lru_cache(maxsize=COMPILED)
def _html(source: str) -> Template:
    """Compiled once for all stores: nothing else happens in the process meanwhile, and all layouts take 0.2 s."""
    return _HTML.from_string(html_of(source))


def html_of(mjml: str) -> str:
    """The HTML of a layout, to be filled. Raises `ValueError`."""
    render = mrml.RenderOptions(fonts={})  # no web fonts: nobody learns from a font server who opens a reminder
    try:
        return mrml.to_html(mjml, None, render).content
    except OSError as error:  # mrml reports what it can't parse so
        raise ValueError(str(error)) from error


@lru_cache(maxsize=COMPILED)
def _text(source: str) -> Template:
    return _TEXT.from_string(source)


def _filled(name: str, template: Template, values: Mapping[str, object]) -> str:
    try:
        return template.render(values)
    except UndefinedError as error:
        # its words name the variable, or else a type and what it lacks, and never a value
        raise MissingVariableError(f"{name}: {error.message}") from error
    except (TemplateError, TypeError, ValueError) as error:
        raise BrokenTemplateError(f"{name}: {type(error).__name__}") from error
