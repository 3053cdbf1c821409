"""Today: did it earn anything, is it sending, and what is wrong, in words. Live by server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from services.console.clients.service import ServiceError
from services.console.domain.gain import gain_of
from services.console.web.rendering import SAFE, page, rendered
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/today")
Seeing = Annotated[Visit, Depends(of_store("figures:read"))]
EVERY_S, LOOKS = 4.0, 15
"""A stream looks so often, and ends after a minute: the browser comes again, with a log-in that still has to last."""


@router.get("")
async def show_today(visit: Seeing) -> Response:
    """The first page."""
    return page(visit, "today.html", **await _facts(visit))


@router.get("/live")
async def stream_today(visit: Seeing) -> Response:
    """The figures of the first page again, whenever they have changed."""
    headers = SAFE | {"X-Accel-Buffering": "no"}
    return StreamingResponse(_changes(visit), 200, headers, "text/event-stream")


async def _changes(visit: Visit) -> AsyncIterator[str]:
    before = ""
    for _ in range(LOOKS):
        text = rendered(visit, "today_figures.html", **await _facts(visit))
        if text != before:
            lines = "".join(f"data: {line}\n" for line in text.splitlines())
            yield f"event: figures\n{lines}\n"
            before = text
        else:
            yield ": nothing new\n\n"
        for _ in range(int(EVERY_S * 4)):
            if visit.house.ends():
                return
            await asyncio.sleep(0.25)


async def _facts(visit: Visit) -> dict[str, Any]:
    house, store_id = visit.house, visit.store_id
    today = await house.figures.today(store_id)
    wrong: list[str] = []
    pauses: list[dict[str, Any]] = []
    in_force: dict[str, Any] = {"campaigns": []}
    try:
        pauses = await house.notifier.pauses(store_id)
    except ServiceError:
        wrong.append("notifier")
    try:
        in_force = (await house.trigger.campaigns(store_id)).told
    except ServiceError:
        wrong.append("trigger")
    empty = not (today.sent or today.going_quiet or today.waiting or today.this_week.sent or today.last_week.sent)
    return {
        "today": today,
        "gain": gain_of(today.this_week),
        "pauses": pauses,
        "wrong": wrong,
        "empty": empty,
        "campaigns": len(in_force["campaigns"]),
    }
