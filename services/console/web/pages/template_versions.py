"""The versions of a template: who said them, what they say otherwise, and the way back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.template_said import differences
from services.console.web.pages.template_edit import Name, Writing
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/templates")
Seeing = Annotated[Visit, Depends(of_store("templates:read"))]


@router.get("/versions")
async def list_versions(visit: Seeing, template: Name) -> Response:
    """Who changed a template, and when."""
    versions = await visit.house.notifier.templates.versions(visit.store_id, template)
    in_force, etag = await _in_force(visit, template)
    facts: dict[str, Any] = {"versions": versions, "in_force": in_force, "etag": etag}
    return page(visit, "templates/versions.html", template=template, **facts)


@router.get("/versions/{number}")
async def compare_version(visit: Seeing, number: int, template: Name) -> Response:
    """What an old version says otherwise than what is in force."""
    version = await visit.house.notifier.templates.version(visit.store_id, template, number)
    in_force, etag = await _in_force(visit, template)
    changes = differences(in_force["said"], version["said"] or {}) if in_force else []
    facts: dict[str, Any] = {"version": version, "in_force": in_force, "changes": changes, "etag": etag}
    return page(visit, "templates/version.html", template=template, **facts)


@router.post("/versions/{number}/roll-back")
async def roll_back(visit: Writing, number: int, template: Name) -> Response:
    """Puts an old version in force again."""
    etag = visit.form.get("etag", "")
    await visit.house.actions.roll_back_template(visit.person, visit.store_id, template, number, etag)
    return _done(visit, template, "template_rolled_back")


@router.post("/remove")
async def remove_template(visit: Writing, template: Name) -> Response:
    """Takes the store's own template away: what ships counts again. Its versions stay."""
    etag = visit.form.get("etag", "")
    await visit.house.actions.remove_template(visit.person, visit.store_id, template, etag)
    return _done(visit, template, "template_removed")


async def _in_force(visit: Visit, template: str) -> tuple[dict[str, Any] | None, str]:
    """What is in force; nothing where no template of the name is left."""
    try:
        return await visit.house.notifier.templates.in_force(visit.store_id, template)
    except ServiceError as error:
        if error.status != 404:
            raise
        return None, ""


def _done(visit: Visit, template: str, done: str) -> Response:
    return RedirectResponse(path_of("stores", visit.store_id, "templates", template=template, done=done), 303)
