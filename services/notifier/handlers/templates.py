"""A store says a template anew, by the API: tried as a whole before it is kept, and kept as a version."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from libs.files.scratch_folder import scratch_folder
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.notifier.db import template_versions
from services.notifier.db.template_versions import KeptTemplate
from services.notifier.domain.campaign_assets import Said
from services.notifier.domain.template_document import ENDINGS, TemplateDocument, Words, files_of
from services.notifier.handlers.campaign_assets import tell_assets
from services.notifier.rendering.lint.finding import lines_of
from services.notifier.rendering.lint.messages import faults_of
from services.notifier.rendering.phrases import BrokenWordingError, read_words
from services.notifier.rendering.safe_source import unsafe
from services.notifier.rendering.store_templates import write_files
from services.notifier.rendering.templates import html_of


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong, where in the document (a JSON pointer), and on which line of it, where it has lines."""

    pointer: str
    detail: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a store wants a template to be: JSON, None to take it away. With `dry_run` nothing is kept."""

    store_id: str
    name: str
    document: str | None
    made_by: str
    dry_run: bool
    rolled_back_to: int | None = None


def faults(name: str, document: TemplateDocument) -> list[TemplateFault]:
    """Everything that is wrong with a template: what it may not do, and what `evercart lint` finds in it."""
    found = unsafe_sources(document)
    if found:
        return found
    with scratch_folder("evercart-template-") as folder:
        files = files_of({name: document})
        write_files(folder, files)
        for one in faults_of(folder, only=name):
            language = one.file.removeprefix("wording/").removesuffix(".toml")
            if f"sms.{name} in {language}" in one.said and _no_text(document, language):
                continue
            pointer = _pointer(one.file) + _phrase(name, files.get(one.file, ""), one.line)
            found.append(TemplateFault(pointer, f"{one.rule}: {one.said}", one.line))
    return found


def unsafe_sources(document: TemplateDocument) -> list[TemplateFault]:
    """What it may not do, whatever it says: it is looked for before anything of it is filled."""
    found = [
        TemplateFault(f"/{field}", said, line)
        for field, source in document.sources.items()
        for line, said in unsafe(source)
    ]
    return found if found or document.mjml is None else _hidden(document.mjml)


def _hidden(mjml: str) -> list[TemplateFault]:
    """What only the layout's HTML does: entities that were written for braces."""
    try:
        return [TemplateFault("/mjml", said) for _, said in unsafe(html_of(mjml))]
    except ValueError as error:
        return [TemplateFault("/mjml", str(error))]


def _no_text(document: TemplateDocument, language: str) -> bool:
    """Whether it speaks by letter alone in a language."""
    return language not in document.words or document.words[language].text_message is None


def _pointer(file: str) -> str:
    if file.startswith("wording/"):
        return f"/words/{file.removeprefix('wording/').removesuffix('.toml')}"
    ending = file.partition(".")[2]
    return next((f"/{field}" for field, its in ENDINGS.items() if its == ending), "")


def _phrase(name: str, source: str, line: int) -> str:
    """The phrase of a template that stands on this line of a file of words, below its language's pointer."""
    path = next((path for path, at in lines_of(source).items() if at == line), "")
    if path == f"sms.{name}":
        return "/text_message"
    field = path.removeprefix(f"{name}.")
    return f"/{field}" if field != path and field in Words.model_fields else ""


def fixed_by_file(own: Path | None, name: str) -> bool:
    """Whether a file of the store's own folder says this template already: a file goes before the API."""
    if own is None:
        return False
    if any((own / f"{name}.{ending}").is_file() for ending in ENDINGS.values()):
        return True
    for file in sorted(own.glob("wording/*.toml")):
        try:
            if name in read_words(file):
                return True
        except BrokenWordingError:
            continue
    return False


async def change_template(
    pool: Pool, wish: Wish, insist: Callable[[KeptTemplate | None], None], of_files: Said | None, clock: Clock
) -> tuple[KeptTemplate | None, bool]:
    """Keeps a wish as the next version, and says whether it was another than is there; `insist` raises where the caller
    counts on something else than is there. What says the same is no version. `of_files` is what files say, for
    whoever is told what there is.
    """
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        await template_versions.lock(connection)
        before = await template_versions.newest(connection, wish.store_id, wish.name)
        insist(before)
        if _said(before.document if before else None) == _said(wish.document):
            return before, False
        version = before.version + 1 if before else 1
        kept = KeptTemplate(
            *(wish.store_id, wish.name, version, 0, wish.document, wish.made_by), clock(), wish.rolled_back_to
        )
        if not wish.dry_run:
            await template_versions.write(connection, kept)
            await tell_assets(connection, wish.store_id, of_files, clock())
    return kept, True


def _said(document: str | None) -> TemplateDocument | None:
    return None if document is None else TemplateDocument.model_validate_json(document)
