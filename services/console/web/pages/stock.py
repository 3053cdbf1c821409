"""Stock: what runs low and who holds it, what people wait for, what they were told, and what came of it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.clients.service import or_none
from services.console.domain.stock import LowItem, by_kind, item_of, items_of, waited_of
from services.console.handlers.stock import PAGE
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/stock")
Seeing = Annotated[Visit, Depends(of_store("stock:read"))]
SeeingPeople = Annotated[Visit, Depends(of_store("customers:read"))]
DAYS = (28, 7, 90)
SKU_MOST, PEOPLE = 200, 20


@router.get("")
async def show_stock(visit: Seeing, sku: str = "", days: int = DAYS[0], after: str = "", behind: str = "") -> Response:
    """What runs low, from `after` on, and what is waited for, from `behind` on; of skus that begin so."""
    store_id, house, days = visit.store_id, visit.house, days if days in DAYS else DAYS[0]
    begins = sku.strip() if _is_sku(sku.strip()) else ""
    low, waited, funnel = await asyncio.gather(
        house.stock.low(store_id, begins, after),
        or_none(house.trigger.waited_items(store_id, begins, behind, PAGE)),
        house.figures.funnel(store_id, days),
    )
    skus = [one.sku for one in low.rows]
    waiting = waited["items"] if waited else []
    counted, told = await asyncio.gather(
        or_none(house.trigger.items(store_id, skus)),
        house.stock.told(store_id, [*skus, *(one["sku"] for one in waiting)], days, _zone(visit)),
    )
    facts: dict[str, Any] = {
        "low": low,
        "items": items_of(low.rows, counted or {}, told),
        "waited": waited,
        "waiting": waited_of(waiting, {one.sku: one for one in low.rows}, told),
        "kinds": by_kind(funnel.campaigns),
        "silent": waited is None or counted is None,
        "as_of": funnel.as_of,
    }
    return page(visit, "stock.html", begins=begins, days=days, spans=sorted(DAYS), **facts)


@router.get("/item")
async def show_item(visit: Seeing, sku: str, days: int = DAYS[0]) -> Response:
    """One item: what is left and where, how many hold it and wait, and what was told about it."""
    return await _shown(visit, _named(sku), days)


@router.post("/people")
async def show_people(visit: SeeingPeople) -> Response:
    """The same with who holds it and who waits, a page of them; with their names where they are asked for. It is
    written down, each name by itself.
    """
    sku, after = _named(visit.form.get("sku", "")), visit.form.get("after", "")
    found = await visit.house.actions.people_of_item(visit.person, visit.store_id, sku, after, PEOPLE)
    names = await _names(visit, found["people"]) if "names" in visit.form else None
    return await _shown(visit, sku, DAYS[0], people=found, names=names, after=after)


async def _shown(visit: Visit, sku: str, days: int, **facts: Any) -> Response:  # noqa: ANN401 - what the page names
    days = days if days in DAYS else DAYS[0]
    counted, levels, told = await asyncio.gather(
        or_none(visit.house.trigger.items(visit.store_id, [sku])),
        visit.house.stock.levels(visit.store_id, sku),
        visit.house.stock.told(visit.store_id, [sku], days, _zone(visit)),
    )
    lowest = next((one for one in levels if one.low), None)
    low = LowItem(sku, lowest.since, lowest.available, lowest.threshold, ()) if lowest else None
    item = item_of(sku, low, (counted or {}).get(sku), told)
    known: dict[str, Any] = {"people": None, "names": None, "after": ""} | facts
    return page(visit, "stock_item.html", item=item, levels=levels, days=days, silent=counted is None, **known)


async def _names(visit: Visit, people: list[dict[str, Any]]) -> dict[str, str]:
    """Names of customers for this moment; of whom nothing is known there is none."""
    found: dict[str, str] = {}
    for customer_id in dict.fromkeys(one["customer_id"] for one in people):
        profile = await visit.house.actions.contact(visit.person, visit.store_id, customer_id)
        found[customer_id] = (profile or {}).get("name") or ""
    return found


def _zone(visit: Visit) -> str:
    return visit.store.time_zone if visit.store else "UTC"


def _named(sku: str) -> str:
    if not _is_sku(sku):
        raise PageRefusal(404, "not_found")
    return sku


def _is_sku(sku: str) -> bool:
    return 0 < len(sku) <= SKU_MOST and sku.isprintable()
