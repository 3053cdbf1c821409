"""Campaigns: the flow of each as it is in force, its versions, and changing it."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.campaign_text import document_of, text_of
from services.console.domain.flow import flows_of
from services.console.domain.pauses import Scope
from services.console.web.faults import faults_of
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/campaigns")
Seeing = Annotated[Visit, Depends(of_store("figures:read"))]
Writing = Annotated[Visit, Depends(of_store("campaigns:write"))]
DAYS = (7, 28, 90)


@router.get("")
async def show_campaigns(visit: Seeing, days: int = DAYS[0], done: str = "", n: int = 0) -> Response:
    """Every campaign as a flow, with what became of each step."""
    days = days if days in DAYS else DAYS[0]
    in_force, pauses, funnel = await asyncio.gather(
        visit.house.trigger.campaigns(visit.store_id),
        visit.house.notifier.pauses(visit.store_id),
        visit.house.figures.funnel(visit.store_id, days),
    )
    scopes = [Scope(one["campaign"], one["step"], one["channel"]) for one in pauses]
    flows = flows_of(in_force.told, funnel.campaigns, scopes)
    facts: dict[str, Any] = {
        "days": days,
        "spans": DAYS,
        "done": done,
        "released": n,
        "pauses": pauses,
        "funnel": funnel,
    }
    return page(visit, "campaigns.html", flows=flows, in_force=in_force.told, **facts)


@router.get("/edit")
async def edit_campaigns(visit: Writing, version: int | None = None, backtest: UUID | None = None) -> Response:
    """The campaigns as text: those in force, an old version, or a draft that was tried."""
    in_force = await visit.house.trigger.campaigns(visit.store_id)
    if backtest is None:
        said = await _said(visit, in_force.told, version)
    else:
        said = (await visit.house.trigger.backtests.one(visit.store_id, backtest))["said"]
    facts: dict[str, Any] = {"source": in_force.told["source"], "etag": in_force.etag}
    return page(visit, "campaign_edit.html", text=text_of(said), changes=None, faults=(), **facts)


@router.post("/check")
async def check_campaigns(visit: Writing) -> Response:
    """What the text would change, or what is wrong with it; changes nothing. Pages ask it as one types."""
    changes, faults = await _checked(visit)
    return page(visit, "campaign_check.html", changes=changes, faults=faults)


@router.post("/edit")
async def change_campaigns(visit: Writing) -> Response:
    """Puts the text in force: after it was shown what that changes."""
    text, etag = visit.form.get("text", ""), visit.form.get("etag", "")
    changes, faults = await _checked(visit)
    if not faults and "confirmed" in visit.form:
        try:
            await visit.house.actions.change_campaigns(visit.person, visit.store_id, text, etag)
            return RedirectResponse(path_of("stores", visit.store_id, "campaigns", done="changed"), 303)
        except ServiceError as error:
            faults = faults_of(error)
    facts: dict[str, Any] = {"source": visit.form.get("source", ""), "etag": etag}
    status = 422 if faults else 200
    return page(visit, "campaign_edit.html", status, text=text, changes=changes, faults=faults, **facts)


@router.get("/versions")
async def list_versions(visit: Seeing) -> Response:
    """Who changed the campaigns, and when."""
    found = await visit.house.trigger.versions(visit.store_id)
    in_force = await visit.house.trigger.campaigns(visit.store_id)
    return page(visit, "campaign_versions.html", versions=found, in_force=in_force.told)


@router.get("/versions/{number}")
async def compare_version(visit: Seeing, number: int) -> Response:
    """What would be otherwise with an old version: its differences from what is in force."""
    version = await visit.house.trigger.version(visit.store_id, number)
    in_force = await visit.house.trigger.campaigns(visit.store_id)
    changes: dict[str, Any] | None = None
    faults: tuple[dict[str, Any], ...] = ()
    if visit.may("campaigns:write"):
        try:
            changes = await visit.house.trigger.roll_back(visit.store_id, number, "", dry_run=True)
        except ServiceError as error:
            faults = faults_of(error)
    text = text_of(version["said"]) if version["said"] else ""
    facts: dict[str, Any] = {"changes": changes, "faults": faults, "etag": in_force.etag, "text": text}
    return page(visit, "campaign_version.html", version=version, in_force=in_force.told, **facts)


@router.post("/versions/{number}/roll-back")
async def roll_back(visit: Writing, number: int) -> Response:
    """Puts an old version in force again."""
    await visit.house.actions.roll_back(visit.person, visit.store_id, number, visit.form.get("etag", ""))
    return RedirectResponse(path_of("stores", visit.store_id, "campaigns", done="rolled_back"), 303)


async def _said(visit: Visit, in_force: dict[str, Any], version: int | None) -> dict[str, Any]:
    """What to begin with: a version, or what is in force, in the words in which it was said where they are kept."""
    if version is None and in_force["source"] == "api":
        version = int(in_force["version"])
    if version is None:
        return document_of(in_force)
    said = (await visit.house.trigger.version(visit.store_id, version))["said"]
    if said is None:
        raise PageRefusal(404, "not_found")
    found: dict[str, Any] = said
    return found


async def _checked(visit: Visit) -> tuple[dict[str, Any] | None, tuple[dict[str, Any], ...]]:
    try:
        return await visit.house.trigger.put(visit.store_id, visit.form.get("text", ""), "", dry_run=True), ()
    except ServiceError as error:
        return None, faults_of(error)
