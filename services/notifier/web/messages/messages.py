"""Why somebody was or was not reminded, and what a person has to read, for whoever has the store's key."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Security
from starlette.responses import Response

from libs.http import paging
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.paging import Moment, page_of
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import answers, deliveries, replies
from services.notifier.domain.replies import due_on
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.schemas import MessagePage, ReplyPage

CustomerId = Annotated[str | None, Query(description="The customer.", examples=["anna"])]
# read by hand: an empty one is none, and a fault is told in words
CartId = Annotated[
    str | None,
    Query(
        description="The cart.",
        examples=["019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"],
        json_schema_extra={"format": "uuid"},
    ),
]
T = TypeVar("T")
PAGE = 200
After = Annotated[str, paging.text_after("1795342500000000.SM01")]
Limit = Annotated[int, paging.limit(PAGE)]

router = APIRouter(prefix=STORE_PATH, tags=["messages"], dependencies=[Security(authorize)])


@router.head("/messages", include_in_schema=False)
@router.get(
    "/messages",
    responses={200: {"model": MessagePage, "description": "What became of them"}},
    openapi_extra=refuses("unauthorized", "invalid-request", "unavailable"),
)
async def explain_messages(
    store_id: StoreId,
    services: Given,
    customer_id: CustomerId = None,
    cart_id: CartId = None,
    after: After = "",
    limit: Limit = PAGE,
) -> Response:
    """Every reminder of a customer or a cart with its state and reason; of both, those of that customer's cart."""
    if customer_id is None and cart_id is None:
        raise Problem(422, "invalid-request", "Name a customer_id or a cart_id.")
    try:
        cart = UUID(cart_id) if cart_id else None
    except ValueError:
        raise Problem(422, "invalid-request", "The cart_id is not a UUID.") from None
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await deliveries.explain(connection, store_id, customer_id, cart, _place(after, UUID), limit + 1)
        heard = await answers.of(connection, [one["reminder_id"] for one in found])
    told = [one | {"answers": heard.get(one["reminder_id"], [])} for one in found]
    return _page("messages", told, limit, "reminder_id")


@router.head("/replies", include_in_schema=False)
@router.get(
    "/replies",
    responses={200: {"model": ReplyPage, "description": "What a person has to read"}},
    openapi_extra=refuses("unauthorized", "invalid-request", "unavailable"),
)
async def list_unclear_replies(store_id: StoreId, services: Given, after: After = "", limit: Limit = PAGE) -> Response:
    """Text messages that seem to opt out and could not be understood: a person reads them at the provider, and honours
    them by `due_on`, ten business days after they came.
    """
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        kept = await replies.unclear(connection, store_id, _place(after, str), limit + 1)
    zone = store.zone if (store := services.stores.get(store_id)) else ZoneInfo("UTC")
    found = [one | {"due_on": due_on(one["received_at"], zone)} for one in kept]
    return _page("replies", found, limit, "message_sid")


def _page(name: str, found: list[dict[str, Any]], limit: int, key: str) -> Response:
    shown, following = page_of(found, limit, lambda one: str(Moment(one["received_at"], str(one[key]))))
    return unkept({name: shown, "next": following})


def _place(after: str, read: Callable[[str], T]) -> tuple[datetime, T] | None:
    """Behind what a page begins. Raises `Problem` 422 for what is no `next` of ours."""
    try:
        moment = Moment.read(after) if after else None
        return None if moment is None else (moment.at, read(moment.name))
    except ValueError:
        raise Problem(422, "invalid-request", "The after is not the next of a page.") from None
