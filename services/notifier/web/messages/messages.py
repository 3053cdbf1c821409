"""Why somebody was or was not reminded, for whoever has the store's key."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Security
from starlette.responses import Response

from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import answers, deliveries
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.messages.laws import laws_of
from services.notifier.web.messages.pages import PAGE, After, Limit, page_told, place_of
from services.notifier.web.schemas import MessagePage

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
        found = await deliveries.explain(connection, store_id, customer_id, cart, place_of(after, UUID), limit + 1)
        heard = await answers.of(connection, [one["reminder_id"] for one in found])
        laws = await laws_of(connection, services.laws, store_id, found)
    told = [one | {"answers": heard.get(one["reminder_id"], []), "laws": laws.get(one["reminder_id"])} for one in found]
    return page_told("messages", told, limit, "reminder_id")
