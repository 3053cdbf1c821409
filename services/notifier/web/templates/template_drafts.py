"""A template before it is said: what is in force, to begin with, and what a draft of it would look like."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Security
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from libs.files.scratch_folder import scratch_folder
from libs.http.body import body_of, body_within
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import template_versions
from services.notifier.db.template_versions import KeptTemplate
from services.notifier.domain.reminder import Contact
from services.notifier.domain.store import Store
from services.notifier.domain.template_document import TemplateDocument, files_of
from services.notifier.handlers.templates import fixed_by_file, unsafe_sources
from services.notifier.rendering.in_force import document_of
from services.notifier.rendering.samples import Sample
from services.notifier.rendering.store_templates import write_files
from services.notifier.rendering.templates import BrokenTemplateError, Templates
from services.notifier.web.deps import STORE_PATH, Given, Services
from services.notifier.web.messages.hand_over_schemas import Slug
from services.notifier.web.templates.preview import Preview, contact_of, written
from services.notifier.web.templates.template_schemas import DOCUMENT, TemplateInForce
from services.notifier.web.templates.templates import BODY_MOST, PATH, Name, faulty
from services.notifier.web.written import unwritable_told

_EXAMPLE: dict[str, Any] = {"template": "birthday", "channel": "email", "language": "en", "said": DOCUMENT}
Source = Literal["api", "file", "shipped"]

router = APIRouter(prefix=STORE_PATH, tags=["templates"])


class AskedDraft(BaseModel):
    """A template as it might be, and the message of it that is to be shown; `customer` is whose name it has."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    template: Slug
    channel: str = "email"
    language: str = Field("", max_length=35, pattern=r"^[A-Za-z0-9_-]*$")
    customer: str | None = Field(None, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    said: TemplateDocument


_BODY = body_of(AskedDraft.model_json_schema(), _EXAMPLE)
_SHOWN: dict[int | str, dict[str, Any]] = {200: {"model": Preview, "description": "The message"}}


@router.head(f"{PATH}/in-force", include_in_schema=False, dependencies=[Security(opens("templates:read"))])
@router.get(
    f"{PATH}/in-force",
    dependencies=[Security(opens("templates:read"))],
    responses={200: {"model": TemplateInForce, "description": "What it says"}},
    openapi_extra=refuses(
        *("unauthorized", "insufficient-scope", "invalid-request", "unavailable"),
        *("unknown-store", "unknown-template", "unusable-template"),
    ),
)
async def read_template_in_force(store_id: StoreId, name: Name, services: Given) -> Response:
    """A template as the store's customers get it now, wherever that is said, with the entity tag that a change has to
    name. What ships is told as a store would say it, so that it can begin a copy of its own with that.
    """
    store = _known(services, store_id)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        kept = await template_versions.newest(connection, store_id, name)
    source, said = await run_in_threadpool(_in_force, services, store, name, kept)
    version = kept.version if kept else 0
    told = {"name": name, "source": source, "version": version, "said": said.model_dump()}
    return unkept(told, version=version)


@router.post(
    "/preview",
    responses=_SHOWN,
    openapi_extra=refuses(
        *("malformed-json", "unauthorized", "insufficient-scope", "unknown-store", "unknown-customer"),
        *("unknown-template", "body-too-large", "invalid-request", "unusable-template", "unavailable"),
        requestBody=_BODY,
    ),
)
async def preview_draft(
    request: Request, store_id: StoreId, services: Given, _writer: Annotated[str, Security(opens("templates:write"))]
) -> Response:
    """What a message would look like with a template that nobody has kept, in one language on one channel, with sample
    goods. It is looked through for what a template may not do, and no further: `PUT` with `dry_run` finds all faults.
    """
    asked = AskedDraft.model_validate_json(await body_within(request, BODY_MOST))
    store = _known(services, store_id)
    if asked.channel not in CHANNELS:
        raise Problem(422, "invalid-request", f"There is no such channel; there are {', '.join(CHANNELS)}.")
    if found := await run_in_threadpool(unsafe_sources, asked.said):
        raise faulty(found)
    locale = asked.language or store.locale
    contact = await contact_of(services, store_id, asked.customer, locale, chosen=bool(asked.language))
    shown = await run_in_threadpool(_shown, services, store, asked, contact)
    return Response(to_json(shown), 200, {"Cache-Control": "no-store"}, "application/json")


def _shown(services: Services, store: Store, asked: AskedDraft, contact: Contact) -> Preview:
    with scratch_folder("evercart-preview-") as folder:
        with unwritable_told():
            write_files(folder, files_of({asked.template: asked.said}))
            templates = Templates(services.templates.own(store), folder)
        return written(Sample(templates, store, contact, services.public_url), asked.template, asked.channel, None)


def _in_force(
    services: Services, store: Store, name: str, kept: KeptTemplate | None
) -> tuple[Source, TemplateDocument]:
    """Where a template is said, and what it says. Raises `Problem` 404, 422."""
    try:
        own = services.templates.own(store)
    except BrokenTemplateError:
        own = None
    fixed = fixed_by_file(own, name)
    if kept is not None and kept.document is not None and not fixed:
        return "api", TemplateDocument.model_validate_json(kept.document)
    with unwritable_told():
        said = document_of(Templates(own) if fixed else services.templates.shipped, name, own)
    if said is None:
        raise Problem(404, "unknown-template", "There is no template of this name.")
    return ("file" if fixed else "shipped"), said


def _known(services: Services, store_id: str) -> Store:
    store = services.stores.get(store_id)
    if store is None:
        raise Problem(404, "unknown-store", "Nothing was heard of this store yet.")
    return store
