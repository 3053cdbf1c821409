"""A draft of campaigns tried on what has happened in the store, beside the campaigns in force. Nothing is sent."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Security
from starlette.requests import Request
from starlette.responses import Response

from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.trigger.db import backtests, stores
from services.trigger.db.backtests import KeptBacktest
from services.trigger.handlers.backtests import ask_for_backtest
from services.trigger.web.backtest_schemas import Backtest, BacktestDetails, BacktestList
from services.trigger.web.campaign_requests import campaigns_of
from services.trigger.web.campaign_schemas import BODY
from services.trigger.web.deps import Given, Services

PATH = "/v1/stores/{store_id}/backtests"
ONE = f"{PATH}/{{backtest_id}}"
LISTED = 20
_READS = ("unauthorized", "insufficient-scope", "invalid-request", "unavailable")
_TOLD: dict[int | str, dict[str, Any]] = {200: {"model": Backtest, "description": "As it stands"}}

Writer = Annotated[str, Security(opens("campaigns:write"))]
BacktestId = Annotated[UUID, Path(description="Which one.", examples=["019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"])]
Days = Annotated[int, Query(ge=1, le=30, description="So many days back; Kafka keeps carts for 30.", examples=[7])]

router = APIRouter(tags=["backtests"])
_reads = [Security(opens("campaigns:read"))]


@router.post(
    PATH,
    status_code=202,
    responses={202: {"model": Backtest, "description": "It waits for a process that is free"}},
    openapi_extra=refuses("malformed-json", "body-too-large", "backtest-under-way", *_READS, requestBody=BODY),
)
async def try_campaigns(
    request: Request, store_id: StoreId, services: Given, writer: Writer, days: Days = 7
) -> Response:
    """Tries a draft on the store's own events of the last days, as Kafka still has them, beside the campaigns in force:
    whom each would have told, when, and why others not. It runs outside of the request, one at a time of a store,
    within ten minutes; ask for it again to see how far it is. What it came to is kept for a week.
    """
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        # a draft may be tried before its templates are written
        known = {"currencies": (await stores.currencies_of(connection, [store_id])).get(store_id, ())}
    document, _ = await campaigns_of(request, known)
    backtest_id, is_new = await ask_for_backtest(services.pool, store_id, document, days, writer, services.clock)
    if not is_new:
        detail = "The store has a backtest ahead or under way."
        raise Problem(409, "backtest-under-way", detail, backtest_id=str(backtest_id))
    return unkept(_shown(await _read(services, store_id, backtest_id)), 202)


@router.head(PATH, include_in_schema=False, dependencies=_reads)
@router.get(
    PATH,
    dependencies=_reads,
    responses={200: {"model": BacktestList, "description": "The newest first"}},
    openapi_extra=refuses(*_READS),
)
async def list_backtests(store_id: StoreId, services: Given) -> Response:
    """The newest of the store's backtests, without what they came to."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await backtests.newest(connection, store_id, LISTED)
    return unkept({"backtests": [_shown(one) for one in found]})


@router.head(ONE, include_in_schema=False, dependencies=_reads)
@router.get(
    ONE,
    dependencies=_reads,
    responses={200: {"model": BacktestDetails, "description": "As it stands"}},
    openapi_extra=refuses("unknown-backtest", *_READS),
)
async def read_backtest(store_id: StoreId, backtest_id: BacktestId, services: Given) -> Response:
    """A backtest as it stands: how far it is, and what it came to."""
    found = await _read(services, store_id, backtest_id)
    result = json.loads(found.result) if found.result else None
    return unkept(_shown(found) | {"said": json.loads(found.document), "result": result})


@router.delete(ONE, responses=_TOLD, openapi_extra=refuses("unknown-backtest", *_READS))
async def cancel_backtest(store_id: StoreId, backtest_id: BacktestId, services: Given, _writer: Writer) -> Response:
    """Ends a backtest that waits or is under way, within a second or two. One that has ended stays as it is."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        await backtests.cancel(connection, store_id, backtest_id)
    return unkept(_shown(await _read(services, store_id, backtest_id)))


async def _read(services: Services, store_id: str, backtest_id: UUID) -> KeptBacktest:
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await backtests.read(connection, store_id, backtest_id)
    if found is None:
        raise Problem(404, "unknown-backtest", "The store has no such backtest.")
    return found


def _shown(one: KeptBacktest) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Backtest.model_fields}
