"""A template as a store says it by the API: its looks and its words, and the files that it is the same as. Pure."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.notifier.domain.hand_over import NotHandedOverError, declared_in

NAME: Final = r"^[a-z0-9][a-z0-9_]{0,62}$"
_PRINTED: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Source = Annotated[str, StringConstraints(max_length=100_000, min_length=1, pattern=_PRINTED)]
Phrase = Annotated[str, StringConstraints(max_length=2000, min_length=1, pattern=_PRINTED)]
Category = Annotated[str, StringConstraints(pattern=r"^(zero|one|two|few|many|other)$")]


def _has_other(said: dict[str, str]) -> dict[str, str]:
    if "other" not in said:
        raise ValueError("a counted phrase has the category other in every language")
    return said


Counted = Phrase | Annotated[dict[Category, Phrase], AfterValidator(_has_other)]
"""A phrase, or one for each CLDR plural category of the language."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
ENDINGS: Final = {"mjml": "mjml", "text": "txt.jinja", "text_message": "sms.jinja"}
"""Of the files that say how a template looks, by the field that says the same."""


class Words(BaseModel):
    """What a template says in one language: `text_message` is the whole text, the rest is the letter's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Counted
    preheader: Counted
    heading: Counted
    body: Counted
    button: Counted
    badge: Counted | None = None
    text_message: Counted | None = None


class TemplateDocument(BaseModel):
    """One template. `mjml` (with Jinja2) is how its letter looks, `text` and `text_message` are how letter and text are
    laid out without mark-up: what is left out is as it ships. `words` are by language, `variables` what a server that
    hands it over says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: dict[Language, Words] = Field(min_length=1, max_length=40)
    variables: tuple[str, ...] = Field((), max_length=20)
    mjml: Source | None = None
    text: Source | None = None
    text_message: Source | None = None

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        for language in self.words:
            try:
                Locale.parse(language)
            except (ValueError, UnknownLocaleError):
                raise ValueError(f"{language} is no language") from None
        try:
            declared_in(" ".join(self.variables))
        except NotHandedOverError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def sources(self) -> Mapping[str, str]:
        """What is filled by Jinja2, by the field that says it."""
        said = {"mjml": self.mjml, "text": self.text, "text_message": self.text_message}
        return {field: source for field, source in said.items() if source is not None}

    def files(self, name: str) -> dict[str, str]:
        """The files that it is the same as, without words."""
        return {f"{name}.{ENDINGS[field]}": source for field, source in self.sources.items()}


def files_of(documents: Mapping[str, TemplateDocument]) -> dict[str, str]:
    """The files of a folder of templates that says the same as these, by their paths in it."""
    files = {path: text for name, one in documents.items() for path, text in one.files(name).items()}
    languages = sorted({language for one in documents.values() for language in one.words})
    return files | {f"wording/{language}.toml": _toml(documents, language) for language in languages}


def _toml(documents: Mapping[str, TemplateDocument], language: str) -> str:
    lines, texts = [], []
    for name, document in sorted(documents.items()):
        if (words := document.words.get(language)) is None:
            continue
        said = words.model_dump(exclude_none=True)
        if (text := said.pop("text_message", None)) is not None:
            texts.append(_phrase(name, text))
        lines.append(f"[{name}]")
        if document.variables:
            lines.append(_phrase("variables", " ".join(document.variables)))
        lines += [_phrase(part, phrase) for part, phrase in said.items()]
    return "\n".join([*lines, *(["[sms]", *texts] if texts else [])]) + "\n"


def _phrase(key: str, said: Any) -> str:  # noqa: ANN401 - text, or texts by category
    if isinstance(said, str):
        return f"{key} = {_quoted(said)}"
    return f"{key} = {{ {', '.join(f'{one} = {_quoted(text)}' for one, text in said.items())} }}"


def _quoted(text: str) -> str:
    """A basic string of TOML: what JSON escapes, TOML reads."""
    return json.dumps(text, ensure_ascii=False)
