"""The exact copy of a message that was sent, for whoever has to answer for it; each look is written down."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from services.console.web.pages.templates import FRAMED
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/messages/{reminder_id}")
Looking = Annotated[Visit, Depends(of_store("contents:read"))]


@router.get("")
async def show_copy(visit: Looking, reminder_id: UUID) -> Response:
    """What was sent, and where it stands now."""
    found = await visit.house.actions.copy(visit.person, visit.store_id, reminder_id, "page")
    return page(visit, "copy.html", reminder_id=str(reminder_id), found=found)


@router.get("/letter")
async def show_sent_letter(visit: Looking, reminder_id: UUID) -> Response:
    """The letter itself, for the frame on the page: it runs nothing, and loads nothing but pictures."""
    found = await visit.house.actions.copy(visit.person, visit.store_id, reminder_id, "letter")
    if found is None or not found["html"]:
        raise PageRefusal(404, "not_found")
    return HTMLResponse(found["html"], 200, FRAMED)
