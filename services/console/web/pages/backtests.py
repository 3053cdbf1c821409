"""A draft of the campaigns, tried on what has happened in the store, beside what is in force."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response, StreamingResponse

from services.console.clients.service import ServiceError
from services.console.domain.backtests import prices_said, tried_of
from services.console.web.faults import faults_of
from services.console.web.pages.templates import CHANNELS
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import SAFE, page, path_of, rendered
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/campaigns/backtests")
Writing = Annotated[Visit, Depends(of_store("campaigns:write"))]
DAYS = (7, 30)
UNDER_WAY = ("waiting", "running")
EVERY_S, LOOKS = 1.0, 60
"""A stream looks so often, and ends after a minute: the browser comes again, with a log-in that still has to last."""


@router.get("")
async def list_backtests(visit: Writing) -> Response:
    """The newest ones."""
    found = await visit.house.trigger.backtests.newest(visit.store_id)
    return page(visit, "backtests/list.html", backtests=found)


@router.post("")
async def ask_for_backtest(visit: Writing) -> Response:
    """Tries the text of a form, as somebody edits it."""
    text, asked = visit.form.get("text", ""), visit.form.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else DAYS[0]
    try:
        backtest_id = await visit.house.actions.try_campaigns(visit.person, visit.store_id, text, days)
    except ServiceError as error:
        faults = faults_of(error)
        facts: dict[str, Any] = {"source": visit.form.get("source", ""), "etag": visit.form.get("etag", "")}
        return page(visit, "campaign_edit.html", 422, text=text, changes=None, faults=faults, **facts)
    return _to(visit, backtest_id)


@router.post("/prices")
async def say_prices(visit: Writing) -> Response:
    """Says what a message costs, by channel."""
    prices = prices_said(visit.form, CHANNELS)
    if prices is None:
        raise PageRefusal(422, "no_price")
    if prices:
        await visit.house.actions.change_prices(visit.person, visit.store_id, prices)
    return _to(visit, visit.form.get("backtest", ""))


@router.get("/{backtest_id}")
async def show_backtest(visit: Writing, backtest_id: UUID) -> Response:
    """How far it is, or what it came to."""
    return page(visit, "backtests/one.html", channels=CHANNELS, **await _facts(visit, backtest_id))


@router.get("/{backtest_id}/live")
async def stream_backtest(visit: Writing, backtest_id: UUID) -> Response:
    """The same again whenever it has changed, until it has ended."""
    headers = SAFE | {"X-Accel-Buffering": "no"}
    return StreamingResponse(_changes(visit, backtest_id), 200, headers, "text/event-stream")


@router.post("/{backtest_id}/cancel")
async def cancel_backtest(visit: Writing, backtest_id: UUID) -> Response:
    """Ends it."""
    await visit.house.actions.cancel_backtest(visit.person, visit.store_id, backtest_id)
    return _to(visit, str(backtest_id))


async def _facts(visit: Visit, backtest_id: UUID) -> dict[str, Any]:
    try:
        found = await visit.house.trigger.backtests.one(visit.store_id, backtest_id)
    except ServiceError as error:
        if error.status == 404:
            raise PageRefusal(404, "not_found") from None
        raise
    prices = await visit.house.prices.of(visit.store_id)
    tried = tried_of(found["result"], prices) if found["result"] else None
    return {"backtest": found, "tried": tried, "prices": prices, "under_way": found["state"] in UNDER_WAY}


async def _changes(visit: Visit, backtest_id: UUID) -> AsyncIterator[str]:
    before = ""
    for _ in range(LOOKS):
        facts = await _facts(visit, backtest_id)
        text = rendered(visit, "backtests/result.html", channels=CHANNELS, **facts)
        if text != before:
            lines = "".join(f"data: {line}\n" for line in text.splitlines())
            yield f"event: backtest\n{lines}\n"
            before = text
        else:
            yield ": nothing new\n\n"
        if not facts["under_way"]:
            yield "event: ended\ndata: \n\nevent: closed\ndata: \n\n"
            return
        for _ in range(int(EVERY_S * 4)):
            if visit.house.ends():
                return
            await asyncio.sleep(0.25)


def _to(visit: Visit, backtest_id: str) -> Response:
    parts = (backtest_id,) if backtest_id else ()
    return RedirectResponse(path_of("stores", visit.store_id, "campaigns", "backtests", *parts), 303)
