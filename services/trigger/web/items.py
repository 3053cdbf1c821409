"""Who holds an item, and who waits for it, for whoever has a key for that: counted, or one by one."""

from typing import Annotated

from fastapi import APIRouter, Query, Security
from starlette.responses import Response

from libs.http import paging
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.paging import Moment, page_of
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.trigger.db import items
from services.trigger.web.deps import Given
from services.trigger.web.item_schemas import ItemHolders, NamedItems, WaitedItems
from services.trigger.web.places import place_of

PAGE, NAMED = 100, 100
LONGEST = 18
"""Digits of a count; more is none."""
_TEXT = r"^[^\x00-\x1f\x7f]*$"
_REFUSES = ("invalid-request", "unauthorized", "insufficient-scope", "unavailable")
Sku = Annotated[str, Query(min_length=1, max_length=200, pattern=_TEXT, description="The item.", examples=["tea-100"])]
Skus = Annotated[
    list[Annotated[str, Query(min_length=1, max_length=200, pattern=_TEXT)]],
    Query(min_length=1, max_length=NAMED, description="The items, up to a hundred.", examples=[["tea-100"]]),
]
Begins = Annotated[
    str, Query(max_length=200, pattern=_TEXT, description="How the items' skus begin.", examples=["tea"])
]
Limit = Annotated[int, paging.limit(PAGE)]

router = APIRouter(prefix="/v1/stores/{store_id}", tags=["items"], dependencies=[Security(opens("items:read"))])


@router.head("/items", include_in_schema=False)
@router.get(
    "/items",
    responses={200: {"model": NamedItems, "description": "The items, counted"}},
    openapi_extra=refuses(*_REFUSES),
)
async def count_items(store_id: StoreId, services: Given, sku: Skus) -> Response:
    """Of items that are named: what is left, in how many carts they are, and how many people wait for them."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await items.named(connection, store_id, sku)
    return unkept({"items": found})


@router.head("/items/waited-for", include_in_schema=False)
@router.get(
    "/items/waited-for",
    responses={200: {"model": WaitedItems, "description": "A page of them, and all of it"}},
    openapi_extra=refuses(*_REFUSES),
)
async def list_waited_items(
    store_id: StoreId,
    services: Given,
    begins: Begins = "",
    after: Annotated[str, paging.text_after("18.tea-100", 220)] = "",
    limit: Limit = PAGE,
) -> Response:
    """The items for which people wait to be told that they are back, those with the most first."""
    place = _count_and_sku(after)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await items.waited_for(connection, store_id, begins, place, limit + 1)
        in_all = await items.in_all(connection, store_id, begins)
    shown, following = page_of(found, limit, lambda one: f"{one['asked'] + one['saved']}.{one['sku']}")
    return unkept({"items": shown, "in_all": in_all, "next": following})


@router.head("/items/people", include_in_schema=False)
@router.get(
    "/items/people",
    responses={200: {"model": ItemHolders, "description": "A page of people"}},
    openapi_extra=refuses(*_REFUSES),
)
async def list_item_holders(
    store_id: StoreId,
    services: Given,
    sku: Sku,
    after: Annotated[str, paging.text_after("1795342501000000.019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10")] = "",
    limit: Limit = PAGE,
) -> Response:
    """Who has an item in an open cart, asked to be told when it is back, or has set it aside, the newest first."""
    place = place_of(after)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await items.people(connection, store_id, sku, place, limit + 1)
    shown, following = page_of(found, limit, lambda one: str(Moment(one["since"], str(one["place"]))))
    people = [{name: value for name, value in one.items() if name != "place"} for one in shown]
    return unkept({"people": people, "next": following})


def _count_and_sku(after: str) -> tuple[int, str] | None:
    """Behind what a page begins. Raises `Problem` 422 for what is no `next` of ours."""
    count, point, sku = after.partition(".")
    if not after:
        return None
    if not point or not sku or not count.isascii() or not count.isdigit() or len(count) > LONGEST:
        raise Problem(422, "invalid-request", "The after is not the next of a page.")
    return int(count), sku
