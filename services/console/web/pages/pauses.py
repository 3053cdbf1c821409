"""Holding messages back, from anywhere: what it will hold back is said before, and it is undone by one button."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.domain.pauses import Scope
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")
Pausing = Annotated[Visit, Depends(of_store("messages:pause"))]
WHY_MOST = 120


@router.get("/pause")
async def ask_before_pausing(visit: Pausing, campaign: str = "", step: str = "", channel: str = "") -> Response:
    """Says what would be held back, and asks why."""
    scope = _scope(campaign, step, channel)
    found = await visit.house.notifier.pauses(visit.store_id)
    return page(visit, "pause.html", scope=scope, pauses=found, fault=None)


@router.post("/pause")
async def pause(visit: Pausing) -> Response:
    """Holds messages back."""
    form = visit.form
    scope, why = _scope(form.get("campaign", ""), form.get("step", ""), form.get("channel", "")), form.get("why", "")
    why = " ".join(why.split())
    if not why or len(why) > WHY_MOST:
        found = await visit.house.notifier.pauses(visit.store_id)
        return page(visit, "pause.html", 422, scope=scope, pauses=found, fault=visit.words("pause.why_needed"))
    await visit.house.actions.pause(visit.person, visit.store_id, scope, why)
    return _back(visit, "paused")


@router.post("/resume")
async def resume(visit: Pausing) -> Response:
    """Lets go what a pause holds back."""
    form = visit.form
    scope = _scope(form.get("campaign", ""), form.get("step", ""), form.get("channel", ""))
    released = await visit.house.actions.resume(visit.person, visit.store_id, scope)
    return _back(visit, "resumed", n=released)


def _back(visit: Visit, done: str, **facts: object) -> Response:
    return RedirectResponse(path_of("stores", visit.store_id, "campaigns", done=done, **facts), 303)


def _scope(campaign: str, step: str, channel: str) -> Scope:
    try:
        return Scope.read(campaign, step, channel)
    except ValueError:
        raise PageRefusal(422, "bad_request") from None
