"""Ending an experiment with a winner: a new version of the campaigns, shown as changes and asked for by name first."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.campaign_text import document_of, text_of
from services.console.domain.winner import arms_of, named, with_ended
from services.console.web.faults import ABOUT_A_TEXT
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/experiments")
Ending = Annotated[Visit, Depends(of_store("campaigns:write"))]


@dataclass(frozen=True, slots=True)
class _Ended:
    """What would be in force: as a text, of the one campaign alone (`lines`), and by which tag it replaces what is."""

    campaign: str
    arm: str
    keep: bool
    holdout: int
    text: str
    lines: str
    etag: str
    source: str


@router.get("/end")
async def ask_before_ending(visit: Ending, campaign: str, arm: str = "", holdout: str = "") -> Response:
    """Which arm, what that changes, and the name to type; of campaigns in a file the lines to write there."""
    if not arm:
        told = (await visit.house.trigger.campaigns(visit.store_id)).told
        facts: dict[str, Any] = {"campaign": campaign, "arms": _arms(told, campaign)}
        return page(visit, "acts/winner_arms.html", **facts)
    return await _shown(visit, await _ended(visit, campaign, arm, keep=holdout == "keep"))


@router.post("/end")
async def end_experiment(visit: Ending) -> Response:
    """Puts it in force once the campaign's name is typed, unless somebody has changed the campaigns meanwhile."""
    form = visit.form
    after = await _ended(visit, form.get("campaign", ""), form.get("arm", ""), keep=form.get("holdout") == "keep")
    if after.source != "api":
        return await _shown(visit, after, 409)
    if form.get("typed", "").strip() != after.campaign:
        return await _shown(visit, after, 422, fault=visit.words("winner.not_typed"))
    try:
        await visit.house.actions.end_experiment(
            visit.person,
            visit.store_id,
            campaign=after.campaign,
            winner=after.arm,
            document=after.text,
            etag=form.get("etag", ""),
        )
    except ServiceError as error:
        if error.status not in ABOUT_A_TEXT:
            raise
        return await _shown(visit, after, 409, fault=error.detail)
    return RedirectResponse(path_of("stores", visit.store_id, "experiments", done="ended"), 303)


async def _shown(visit: Visit, after: _Ended, status: int = 200, fault: str = "") -> Response:
    """Beside what the trigger says that it changes: a campaign that it would not take says so before one types."""
    changes: dict[str, Any] | None = None
    if after.source == "api":
        try:
            changes = await visit.house.trigger.put(visit.store_id, after.text, "", dry_run=True)
        except ServiceError as error:
            if error.status not in ABOUT_A_TEXT:
                raise
            fault = fault or error.detail
    return page(visit, "acts/winner.html", status, after=after, changes=changes, fault=fault)


async def _ended(visit: Visit, campaign: str, arm: str, *, keep: bool) -> _Ended:
    """Raises `PageRefusal` 404 for what is no campaign, or no arm of it."""
    in_force = await visit.house.trigger.campaigns(visit.store_id)
    source = in_force.told["source"]
    said: dict[str, Any] = document_of(in_force.told)
    if source == "api":
        said = (await visit.house.trigger.version(visit.store_id, int(in_force.told["version"])))["said"] or said
    try:
        before, after = named(said, campaign), with_ended(said, campaign, arm, keep_holdout=keep)
    except (LookupError, ValueError):
        raise PageRefusal(404, "not_found") from None
    split = before.get("split") or {}
    lines = text_of({"campaigns": [named(after, campaign)]})
    holdout = split.get("holdout", 0) if split.get("arms") else 0
    return _Ended(campaign, arm, keep, holdout, text=text_of(after), lines=lines, etag=in_force.etag, source=source)


def _arms(told: dict[str, Any], campaign: str) -> tuple[str, ...]:
    try:
        return arms_of(named(document_of(told), campaign))
    except LookupError:
        raise PageRefusal(404, "not_found") from None
