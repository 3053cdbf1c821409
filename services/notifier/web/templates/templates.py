"""A store's own templates: said by the API, tried before they are kept, and every version is kept."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Security
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from libs.http import paging
from libs.http.body import body_of, body_within
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.http.versions import NEWEST, PAGE, After, IfMatch, Limit, Number, RollBack, names
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import template_versions
from services.notifier.db.template_versions import KeptTemplate
from services.notifier.domain.template_document import NAME, TemplateDocument
from services.notifier.handlers.campaign_assets import said_by_files
from services.notifier.handlers.templates import TemplateFault, Wish, change_template, faults, fixed_by_file
from services.notifier.rendering.templates import NO_TEMPLATES, BrokenTemplateError
from services.notifier.web.deps import STORE_PATH, Given, Services
from services.notifier.web.templates.template_schemas import (
    DOCUMENT,
    TemplateChanged,
    TemplatesTold,
    TemplateTold,
    TemplateVersionPage,
)

BODY_MOST = 512 * 1024
PATH = "/templates/{name}"
_READS = ("unauthorized", "insufficient-scope", "invalid-request", "unavailable")
_WRITES = (*_READS, "unknown-store", "templates-fixed", "version-conflict", "precondition-required")
_CHANGED: dict[int | str, dict[str, Any]] = {200: {"model": TemplateChanged, "description": "It is in force"}}
_BODY = body_of(TemplateDocument.model_json_schema(), DOCUMENT)
_ROLL_BACK = body_of(RollBack.model_json_schema(), {"version": 2})

Name = Annotated[str, Path(pattern=NAME, description="As a step names it.", examples=["birthday"])]
Writer = Annotated[str, Security(opens("templates:write"))]
DryRun = Annotated[bool, Query(description="Tries it, and keeps nothing.", examples=[True])]

router = APIRouter(prefix=STORE_PATH, tags=["templates"])
_reads = [Security(opens("templates:read"))]


@router.head("/templates", include_in_schema=False, dependencies=_reads)
@router.get(
    "/templates",
    dependencies=_reads,
    responses={200: {"model": TemplatesTold, "description": "What it has said"}},
    openapi_extra=refuses(*_READS),
)
async def list_templates(store_id: StoreId, services: Given) -> Response:
    """The templates that the store has said by the API. Files of the service, and what ships, are not among them."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await template_versions.of_store(connection, store_id)
    return unkept({"templates": [{"name": one.name} | _shown(one) for one in found if one.document is not None]})


@router.head(PATH, include_in_schema=False, dependencies=_reads)
@router.get(
    PATH,
    dependencies=_reads,
    responses={200: {"model": TemplateTold, "description": "The template"}},
    openapi_extra=refuses(*_READS, "unknown-template"),
)
async def read_template(store_id: StoreId, name: Name, services: Given) -> Response:
    """A template as the store has said it last; its entity tag is what a change has to name."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await template_versions.newest(connection, store_id, name)
    if found is None or found.document is None:
        raise Problem(404, "unknown-template", "The store has said no template of this name.")
    return unkept(_told(found), version=found.version)


@router.put(
    PATH, responses=_CHANGED, openapi_extra=refuses(*_WRITES, "malformed-json", "body-too-large", requestBody=_BODY)
)
async def put_template(
    request: Request,
    store_id: StoreId,
    name: Name,
    services: Given,
    writer: Writer,
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response:
    """Says a template: its words by language, and its looks. It is written with sample goods in each language first,
    and refused with all that `evercart lint` finds. It counts in every process within seconds. A file of the service
    that says it goes before, and can't be changed here.
    """
    document = TemplateDocument.model_validate_json(await body_within(request, BODY_MOST))
    _insist_on_no_file(services, store_id, name)
    if found := await run_in_threadpool(faults, name, document):
        raise faulty(found)
    wish = Wish(store_id, name, document.model_dump_json(), writer, dry_run)
    return await _change(services, wish, if_match)


@router.delete(PATH, responses=_CHANGED, openapi_extra=refuses(*_WRITES, "unknown-template"))
async def remove_template(
    store_id: StoreId,
    name: Name,
    services: Given,
    writer: Writer,
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response:
    """Takes a template away: what ships under its name counts again, if anything does. Its versions stay."""
    _insist_on_no_file(services, store_id, name)
    return await _change(services, Wish(store_id, name, None, writer, dry_run), if_match)


@router.post(
    f"{PATH}/rollback",
    responses=_CHANGED,
    openapi_extra=refuses(*_WRITES, "malformed-json", "body-too-large", "unknown-version", requestBody=_ROLL_BACK),
)
async def roll_back_template(
    request: Request, store_id: StoreId, name: Name, services: Given, writer: Writer, if_match: IfMatch = None
) -> Response:
    """Puts an old version in force again, as a new version."""
    number = RollBack.model_validate_json(await body_within(request, BODY_MOST)).version
    _insist_on_no_file(services, store_id, name)
    old = await version_of(services, store_id, name, number)
    return await _change(
        services, Wish(store_id, name, old.document, writer, dry_run=False, rolled_back_to=number), if_match
    )


@router.head(f"{PATH}/versions", include_in_schema=False, dependencies=_reads)
@router.get(
    f"{PATH}/versions",
    dependencies=_reads,
    responses={200: {"model": TemplateVersionPage, "description": "Who said them, and when"}},
    openapi_extra=refuses(*_READS),
)
async def list_template_versions(
    store_id: StoreId, name: Name, services: Given, after: After = NEWEST, limit: Limit = PAGE
) -> Response:
    """Every version of a template that the API was told, the newest first."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await template_versions.page(connection, store_id, name, after, limit + 1)
    page, following = paging.page_of(found, limit, lambda one: str(one.version))
    return unkept({"versions": [_shown(one) for one in page], "next": following})


@router.head(f"{PATH}/versions/{{version}}", include_in_schema=False, dependencies=_reads)
@router.get(
    f"{PATH}/versions/{{version}}",
    dependencies=_reads,
    responses={200: {"model": TemplateTold, "description": "What was said"}},
    openapi_extra=refuses(*_READS, "unknown-version"),
)
async def read_template_version(store_id: StoreId, name: Name, version: Number, services: Given) -> Response:
    """One version of a template, as it was said."""
    return unkept(_told(await version_of(services, store_id, name, version)))


def faulty(found: Sequence[TemplateFault]) -> Problem:
    """The problem of a template with faults."""
    errors = [{key: value for key, value in asdict(one).items() if value is not None} for one in found]
    return Problem(422, "invalid-request", "The template has faults.", errors=errors)


async def version_of(services: Services, store_id: str, name: str, number: int) -> KeptTemplate:
    """A version of a template. Raises `Problem` 404."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await template_versions.read(connection, store_id, name, number)
    if found is None:
        raise Problem(404, "unknown-version", f"The store has no version {number} of this template.")
    return found


async def _change(services: Services, wish: Wish, if_match: str | None) -> Response:
    of_files = said_by_files(services.templates, services.stores[wish.store_id])
    kept, changed = await change_template(services.pool, wish, _insist(wish, if_match), of_files, services.clock)
    if kept is None:
        raise Problem(404, "unknown-template", "The store has said no template of this name.")
    services.wake()
    told = {"name": wish.name, "dry_run": wish.dry_run, "changed": changed, "version": kept.version}
    return unkept(told, version=None if wish.dry_run else kept.version)


def _insist(wish: Wish, if_match: str | None) -> Callable[[KeptTemplate | None], None]:
    def insist(before: KeptTemplate | None) -> None:
        etag = f'"{before.version if before else 0}"'
        if if_match is None:
            if before is not None and not wish.dry_run:
                raise Problem(428, "precondition-required", "If-Match is needed: there is such a template.", etag=etag)
        elif not names(if_match, etag):
            raise Problem(412, "version-conflict", "The template has changed since this version.", etag=etag)

    return insist


def _insist_on_no_file(services: Services, store_id: str, name: str) -> None:
    """Raises `Problem` 404 for a store of which nothing was heard, 409 where a file says the template."""
    store = services.stores.get(store_id)
    if store is None:
        raise Problem(404, "unknown-store", "Nothing was heard of this store yet.")
    if name in NO_TEMPLATES or name == "language":
        raise Problem(422, "invalid-request", f"{name} is no template, but words that all have in common.")
    try:
        own = services.templates.own(store)
    except BrokenTemplateError:
        own = None
    if fixed_by_file(own, name):
        raise Problem(409, "templates-fixed", f"A file of the service says what {name} is for this store.")


def _told(one: KeptTemplate) -> dict[str, Any]:
    return {"name": one.name} | _shown(one) | {"said": None if one.document is None else json.loads(one.document)}


def _shown(one: KeptTemplate) -> dict[str, Any]:
    return {key: getattr(one, key) for key in ("version", "made_by", "made_at", "rolled_back_to")}
