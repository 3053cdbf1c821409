"""A template as text: written in one language after the other, tried as one types, shown beside, and said."""

import re
from hashlib import sha256
from typing import Annotated, Any

from babel import Locale, UnknownLocaleError
from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.template_said import (
    PHRASES,
    SOURCES,
    filled_in,
    phrases_of,
    seen_in,
    with_language,
    without_language,
)
from services.console.handlers.template_drafts import Opened
from services.console.web.faults import faults_of
from services.console.web.pages.templates import FRAMED, LANGUAGES, Scheme
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/templates")
Writing = Annotated[Visit, Depends(of_store("templates:write"))]
NAMED = re.compile(r"^[a-z0-9][a-z0-9_]{0,62}$")
Name = Annotated[str, Query(alias="template", pattern=NAMED.pattern)]
Faults = tuple[dict[str, Any], ...]


@router.get("/edit")
async def edit_template(visit: Writing, template: Name, language: str = "", customer: str = "") -> Response:
    """The template as somebody is at it."""
    opened = await visit.house.drafts.open(visit.person, visit.store_id, template)
    return await _shown(visit, opened, _spoken(visit, opened, language), customer=_of_customer(visit, customer))


@router.post("/check")
async def check_template(visit: Writing, template: Name, language: str = "") -> Response:
    """Keeps the draft, and tells what is wrong with it and how it looks. Pages ask it as one types."""
    opened, spoken = await _written(visit, template, language)
    facts = await _looked_through(visit, opened, spoken)
    return page(visit, "templates/check.html", opened=opened, language=spoken, **facts)


@router.post("/edit")
async def change_template(visit: Writing, template: Name, language: str = "") -> Response:
    """Keeps the draft and does what the button says: goes to another language, adds or takes out one, forgets or says
    it.
    """
    opened, spoken = await _written(visit, template, language)
    match visit.form.get("do", ""):
        case "language":
            return _back(visit, template, visit.form.get("other", spoken))
        case "add" if (added := visit.form.get("added", "")) in LANGUAGES:
            said = with_language(opened.draft.said, added, spoken)
            await visit.house.drafts.keep(visit.person, visit.store_id, opened, said)
            return _back(visit, template, added)
        case "remove":
            said = without_language(opened.draft.said, spoken)
            await visit.house.drafts.keep(visit.person, visit.store_id, opened, said)
            return _back(visit, template, next(iter(said["words"]), ""))
        case "forget":
            await visit.house.drafts.drop(visit.person, visit.store_id, template)
            return _back(visit, template, spoken)
        case "rebase":
            await visit.house.drafts.put_on_top(visit.person, visit.store_id, template)
            return _back(visit, template, spoken)
        case "copy" if NAMED.fullmatch(copied := visit.form.get("as", "")):
            await _copied(visit, opened, copied)
            return _back(visit, copied, spoken)
        case "say":
            return await _said(visit, opened, spoken)
        case _:
            return await _shown(visit, opened, spoken)


@router.get("/draft-letter")
async def show_draft_letter(
    visit: Writing, template: Name, language: str, scheme: Scheme = "light", customer: str = ""
) -> Response:
    """The letter of the draft, for a frame on the page."""
    customer = _of_customer(visit, customer)
    said = await visit.house.drafts.said(visit.person, visit.store_id, template)
    if customer:
        await visit.house.actions.note(
            visit.person, visit.store_id, "customers.look", f"customer:{customer}", f"template:{template} {scheme}"
        )
    try:
        shown = await visit.house.notifier.templates.preview_draft(
            visit.store_id, template, said, language, "email", customer
        )
    except ServiceError as error:
        if error.silent:
            raise
        return HTMLResponse("", 200, FRAMED)  # what is wrong with it stands beside the frame
    return HTMLResponse(seen_in(shown["html"] or "", scheme), 200, FRAMED)


async def _written(visit: Visit, template: str, language: str) -> tuple[Opened, str]:
    """The draft with what the form says, kept."""
    opened = await visit.house.drafts.open(visit.person, visit.store_id, template)
    spoken = _spoken(visit, opened, language)
    said = filled_in(opened.draft.said, spoken, visit.form, categories_of(spoken))
    return await visit.house.drafts.keep(visit.person, visit.store_id, opened, said), spoken


async def _copied(visit: Visit, opened: Opened, name: str) -> None:
    """Begins a template of another name with what a draft says; one that is there stays as it is."""
    copied = await visit.house.drafts.open(visit.person, visit.store_id, name)
    if copied.source == "new" and copied.saved_at is None:
        await visit.house.drafts.keep(visit.person, visit.store_id, copied, opened.draft.said)


async def _said(visit: Visit, opened: Opened, language: str) -> Response:
    """Says the draft; where somebody else was faster it stays, and the page tells what they have changed."""
    draft = opened.draft
    if opened.overtaken:
        return await _shown(visit, opened, language, 409)
    try:
        await visit.house.actions.change_template(visit.person, visit.store_id, opened.name, draft.said, draft.etag)
    except ServiceError as error:
        if error.status in (412, 428):
            opened = await visit.house.drafts.open(visit.person, visit.store_id, opened.name)
            return await _shown(visit, opened, language, 409)
        return await _shown(visit, opened, language, 422, faults=faults_of(error))
    await visit.house.drafts.drop(visit.person, visit.store_id, opened.name)
    done = path_of("stores", visit.store_id, "templates", template=opened.name, language=language, done="template")
    return RedirectResponse(done, 303)


async def _shown(
    visit: Visit, opened: Opened, language: str, status: int = 200, *, customer: str = "", faults: Faults | None = None
) -> Response:
    facts = await _looked_through(visit, opened, language, customer)
    if faults is not None:
        facts["faults"] = faults
    if visit.request.method == "POST" and facts["faults"]:
        status = 422
    said = opened.draft.said
    lists: dict[str, Any] = {
        "phrases": phrases_of(said, language, categories_of(language)),
        "spoken": list(said.get("words", {})) or [language],
        "others": [one for one in LANGUAGES if one not in said.get("words", {}) and one != language],
        "sources": {name: said.get(name) or "" for name in SOURCES},
        "variables": " ".join(said.get("variables") or ()),
    }
    return page(visit, "templates/edit.html", status, opened=opened, language=language, **facts, **lists)


async def _looked_through(visit: Visit, opened: Opened, language: str, customer: str = "") -> dict[str, Any]:
    """What is wrong with a draft, and its text; letters stand in frames of their own."""
    said, store_id = opened.draft.said, visit.store_id
    faults: Faults = ()
    text, text_fault = None, ""
    try:
        if opened.source != "file":
            await visit.house.notifier.templates.put(store_id, opened.name, said, "", dry_run=True)
    except ServiceError as error:
        faults = faults_of(error)
    if customer:
        at = (f"customer:{customer}", f"template:{opened.name}")
        await visit.house.actions.note(visit.person, store_id, "customers.look", *at)
    try:
        text = await visit.house.notifier.templates.preview_draft(
            store_id, opened.name, said, language, "sms", customer
        )
    except ServiceError as error:
        if error.silent:
            raise
        text_fault = error.detail
    stamp = sha256(repr((said, customer)).encode()).hexdigest()[:12]
    prices = await visit.house.prices.of(store_id)
    found: dict[str, Any] = {"faults": faults, "text": text, "text_fault": text_fault, "customer": customer}
    return found | {"stamp": stamp, "price": prices.get("sms"), "names": PHRASES}


def _of_customer(visit: Visit, customer: str) -> str:
    """Whose name a preview has: only who sees customers chooses one. Raises `PageRefusal` 403."""
    if customer and not visit.may("customers:read"):
        raise PageRefusal(403, "forbidden")
    return customer


def _spoken(visit: Visit, opened: Opened, language: str) -> str:
    """The language that is written: the one asked for, the reader's, or the first that there is."""
    said = opened.draft.said.get("words", {})
    wanted = [one for one in (language, visit.words.language) if one in said or (one and not said)]
    return wanted[0] if wanted else next(iter(said), visit.words.language)


def _back(visit: Visit, template: str, language: str) -> Response:
    where = path_of("stores", visit.store_id, "templates", "edit", template=template, language=language)
    return RedirectResponse(where, 303)


def categories_of(language: str) -> list[str]:
    """The CLDR plural categories of a language, "other" last."""
    try:
        tags = set(Locale.parse(language).plural_form.tags)
    except (ValueError, UnknownLocaleError):
        tags = set()
    order = ("zero", "one", "two", "few", "many")
    return [*(one for one in order if one in tags), "other"]
