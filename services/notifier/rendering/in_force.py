"""A template that files say, as a store would say it by the API: what to begin a copy of its own with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.notifier.domain.template_document import ENDINGS, TemplateDocument, Words
from services.notifier.rendering.phrases import DECLARED
from services.notifier.rendering.templates import NO_TEMPLATES, Templates


def document_of(templates: Templates, name: str, own: Path | None = None) -> TemplateDocument | None:
    """What the files say of a template, in every language; with the looks that the store's `own` folder has for it.
    None where they say nothing of it.
    """
    said = {} if name in NO_TEMPLATES else templates.wordings.said_of(name)
    words = {language: _words(phrases) for language, phrases in said.items() if _is_whole(phrases)}
    if not words:
        return None
    declared = str(next(iter(said.values())).get(DECLARED, "")).split()
    looks = {field: (own / f"{name}.{ending}") for field, ending in ENDINGS.items()} if own else {}
    sources = {field: path.read_text(encoding="utf-8") for field, path in looks.items() if path.is_file()}
    return TemplateDocument(words=words, variables=tuple(declared), **sources)


def _is_whole(phrases: Mapping[str, Any]) -> bool:
    return all(name in phrases for name, field in Words.model_fields.items() if field.is_required())


def _words(phrases: Mapping[str, Any]) -> Words:
    return Words.model_validate({name: said for name, said in phrases.items() if name in Words.model_fields})
