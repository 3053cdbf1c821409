"""The figures of a store, for whoever has a key for that: by day and dimension, as JSON or CSV."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Security
from pydantic import Field
from starlette.responses import Response

from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from services.console.handlers.figures import Figures
from services.console.web.api import tables
from services.console.web.api.schemas import ExperimentFigures, FunnelFigures, MessageFigures, RevenueFigures
from services.console.web.deps import Given, Services

PATH = "/v1/stores/{store_id}/figures"
MOST_DAYS = 1_100
_REFUSES = refuses("unauthorized", "insufficient-scope", "invalid-request", "unavailable")

router = APIRouter(prefix=PATH, tags=["figures"], dependencies=[Security(opens("figures:read"))])

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Since = Annotated[
    Day | None,
    Query(description="The first day, of the store's own; without it a week.", examples=["2026-11-16"]),
]
Until = Annotated[Day | None, Query(description="The last day; without it today.", examples=["2026-11-22"])]
Format = Annotated[Literal["json", "csv"], Query(description="How it is answered.", examples=["csv"])]
ByDay = Annotated[bool, Query(description="Each day for itself.", examples=[True])]
Campaign = Annotated[
    str | None, Query(description="Of one campaign alone, by its name.", max_length=200, examples=["cart"])
]
Planned = Annotated[
    list[Annotated[str, Field(pattern=r"^[^/:]{1,200}/[^/:]{1,200}:[0-9]{1,3}(\.[0-9]{1,3})?$")]] | None,
    Query(
        description="`campaign/arm:share` for each arm: how people were meant to be divided, to tell whether they are.",
        max_length=100,
        examples=[["cart/holdout:10", "cart/treatment:90"]],
    ),
]
By = Annotated[
    Literal["campaign", "channel", "arm", "step", "version"] | None,
    Query(description="What orders are credited to: by which of its sides.", examples=["campaign"]),
]


def _answers(model: type, description: str, example: str) -> dict[int | str, dict[str, Any]]:
    csv = {"text/csv": {"schema": {"type": "string"}, "example": example}}
    return {200: {"model": model, "description": description, "content": csv}}


class Days:
    """The days that are asked for: the last seven where nothing is said."""

    def __init__(self, services: Given, since: Since = None, until: Until = None) -> None:
        self._services, self._since, self._until = services, since, until

    async def of(self, store_id: str) -> tuple[date, date]:
        """The first and the last day. Raises `Problem` 422 for days that are none, or too many."""
        until = self._until or await _figures(self._services).day(store_id)
        since = self._since or until - timedelta(days=6)
        if not timedelta() <= until - since < timedelta(days=MOST_DAYS):
            detail = f"From since to until there are between 1 and {MOST_DAYS} days."
            raise Problem(422, "invalid-request", detail, errors=[{"pointer": "/since", "detail": detail}])
        return since, until

    def told(self, store_id: str, since: date, until: date) -> dict[str, Any]:
        """The head of every answer."""
        return {"store_id": store_id, "since": since, "until": until, "as_of": self._services.clock()}


AskedDays = Annotated[Days, Depends(Days)]


def _figures(services: Services) -> Figures:
    return Figures(services.pool, services.clock)


def _told(as_json: dict[str, Any], lines: list[tables.Line], names: tuple[str, ...], format: str) -> Response:  # noqa: A002
    return unkept(as_json) if format == "json" else tables.table(lines, names)


@router.get(
    "/funnel",
    responses=_answers(FunnelFigures, "What became of each step", "campaign,kind,step\r\ncart,abandoned_cart,1\r\n"),
    openapi_extra=_REFUSES,
)
async def read_funnel(
    store_id: StoreId,
    services: Given,
    days: AskedDays,
    campaign: Campaign = None,
    format: Format = "json",  # noqa: A002
) -> Response:
    """Campaigns step by step: about how many it was decided in these days, and what became of them up to now."""
    since, until = await days.of(store_id)
    found = await _figures(services).funnel_between(store_id, since, until, campaign)
    of = days.told(store_id, since, until) | {"campaigns": found.campaigns}
    return _told(of, tables.funnel(found.campaigns), tables.FUNNEL, format)


@router.get(
    "/revenue",
    responses=_answers(RevenueFigures, "Orders, and what they came to", "day,key,currency\r\n2026-11-16,cart,EUR\r\n"),
    openapi_extra=_REFUSES,
)
async def read_revenue(
    store_id: StoreId,
    services: Given,
    days: AskedDays,
    by: By = None,
    by_day: ByDay = True,
    format: Format = "json",  # noqa: A002
) -> Response:
    """Orders that were placed in these days: what they came to, less what came back, by what they are credited to. The
    key is null where that is nothing; `in_store` is null where the store tells no rate.
    """
    since, until = await days.of(store_id)
    rows = await _figures(services).revenue(store_id, since, until, by, by_day=by_day)
    return _told(days.told(store_id, since, until) | {"rows": rows}, tables.revenue(rows), tables.REVENUE, format)


@router.get(
    "/campaigns",
    responses=_answers(MessageFigures, "What each campaign came to", "day,key,decided\r\n,cart,1204\r\n"),
    openapi_extra=_REFUSES,
)
async def read_campaigns(
    store_id: StoreId,
    services: Given,
    days: AskedDays,
    by_day: ByDay = False,
    format: Format = "json",  # noqa: A002
) -> Response:
    """Messages and what they led to by campaign, counted to the days on which they were decided on."""
    return await _counts(services, days, store_id, "campaign", by_day=by_day, format=format)


@router.get(
    "/channels",
    responses=_answers(MessageFigures, "What each channel came to", "day,key,decided\r\n,email,1204\r\n"),
    openapi_extra=_REFUSES,
)
async def read_channels(
    store_id: StoreId,
    services: Given,
    days: AskedDays,
    by_day: ByDay = False,
    format: Format = "json",  # noqa: A002
) -> Response:
    """The same by channel."""
    return await _counts(services, days, store_id, "channel", by_day=by_day, format=format)


@router.get(
    "/experiments",
    responses=_answers(ExperimentFigures, "Arms compared", "campaign,currency,arm\r\ncart,EUR,treatment\r\n"),
    openapi_extra=_REFUSES,
)
async def read_experiments(
    store_id: StoreId,
    services: Given,
    days: AskedDays,
    planned: Planned = None,
    format: Format = "json",  # noqa: A002
) -> Response:
    """People who entered campaigns in these days, by arm: how many ordered within the window, and what each spent, with
    the bounds between which the truth lies in 95 of 100 cases. `days_left`: 0 is enough to tell the arms apart, null
    that nobody can say when it will be.
    """
    since, until = await days.of(store_id)
    shares = _shares(planned or [])
    found = await _figures(services).experiments(store_id, since, until, shares)
    of = days.told(store_id, since, until) | {"experiments": found}
    return _told(of, tables.experiments(found), tables.EXPERIMENTS, format)


async def _counts(
    services: Services,
    days: Days,
    store_id: str,
    by: Literal["campaign", "channel"],
    *,
    by_day: bool,
    format: str,  # noqa: A002
) -> Response:
    since, until = await days.of(store_id)
    rows = await _figures(services).counts(store_id, since, until, by, by_day=by_day)
    return _told(days.told(store_id, since, until) | {"rows": rows}, tables.counts(rows), tables.COUNTS, format)


def _shares(planned: list[str]) -> dict[str, dict[str, float]]:
    """`cart/holdout:10` by campaign and arm. Each was checked to be written so."""
    found: dict[str, dict[str, float]] = {}
    for one in planned:
        place, _, share = one.rpartition(":")
        campaign, _, arm = place.rpartition("/")
        found.setdefault(campaign, {})[arm] = float(share)
    return found
