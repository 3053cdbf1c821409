"""Unsubscribing, without a log-in: the page behind the link of every message, and one-click (RFC 8058)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse

from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import short_links, suppressions
from services.notifier.domain.short_link import hashed, is_short
from services.notifier.domain.unsubscribe_link import ForgedLinkError, Unsubscription
from services.notifier.handlers.clicks import note_visit
from services.notifier.handlers.reach import tell_reach_of_neighbours
from services.notifier.handlers.unsubscribed import tell_unsubscribed
from services.notifier.web.deps import Given, Services
from services.notifier.web.recipients.pages import BROKEN, IN_THEIR_LANGUAGE, page

PATH = "/u/{token}"
_ANSWERS: dict[int | str, dict[str, Any]] = {200: IN_THEIR_LANGUAGE, 404: BROKEN}
Token = Annotated[str, Path(description="The secret of a message's link to unsubscribe.", examples=["Zm9vYmFyYmF"])]

router = APIRouter(tags=["recipients"])


@router.head(PATH, include_in_schema=False)
@router.get(PATH, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def ask_before_unsubscribing(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Shows what the button will do. Scanners, previews and prefetchers get here too: it changes nothing."""
    who = await _read(services, token)
    await note_visit(services.pool, token, "unsubscribe")
    return await page(request, services, who, "question", button=who is not None, choose=_choose(token))


@router.post(PATH, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def unsubscribe_recipient(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Acts at once, without a log-in (RFC 8058), and again and again to the same effect."""
    who = await _read(services, token)
    if who is not None:
        async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            if is_short(token) and (about := await short_links.message_of(connection, hashed(token))):
                await tell_unsubscribed(connection, about, who.channel, "link", services.clock())
            await suppressions.suppress_customer(connection, who.store_id, who.customer_id, who.channel, "unsubscribed")
            await tell_reach_of_neighbours(connection, who.store_id, who.customer_id, who.channel, services.clock())
    return await page(request, services, who, "done", choose=_choose(token))


def _choose(token: str) -> str:
    """Where they may choose what comes; links of before do not lead there."""
    return f"/p/{token}" if is_short(token) else ""


async def _read(services: Services, token: str) -> Unsubscription | None:
    """Short links end with what is known of their message; links of before name the customer, and never wear out."""
    if is_short(token):
        async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await short_links.who_unsubscribes(connection, hashed(token))
        who = Unsubscription(*found) if found else None
    else:
        try:
            who = services.links.read(token)
        except ForgedLinkError:
            return None
    if who is None:
        return None
    return who if who.store_id in services.stores else None
