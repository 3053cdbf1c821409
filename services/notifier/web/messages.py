"""Why somebody was or was not reminded, and what a person has to read, for whoever has the store's key."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Security
from pydantic_core import to_json
from starlette.responses import Response

from libs.http.deps import StoreId, authorize
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import deliveries, replies
from services.notifier.domain.replies import due_on
from services.notifier.web.deps import STORE_PATH, Given
from services.notifier.web.schemas import Messages, Replies

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
    responses={200: {"model": Messages, "description": "What became of them"}},
    openapi_extra=refuses("unauthorized", "invalid-request", "unavailable"),
)
async def explain_messages(
    store_id: StoreId, services: Given, customer_id: CustomerId = None, cart_id: CartId = None
) -> Response:
    """Every reminder of a customer or a cart with its state and reason; of both, those of that customer's cart."""
    if customer_id is None and cart_id is None:
        raise Problem(422, "invalid-request", "Name a customer_id or a cart_id.")
    try:
        cart = UUID(cart_id) if cart_id else None
    except ValueError:
        raise Problem(422, "invalid-request", "The cart_id is not a UUID.") from None
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await deliveries.explain(connection, store_id, customer_id, cart)
    return Response(to_json({"messages": found}), 200, {"Cache-Control": "no-store"}, "application/json")


@router.head("/replies", include_in_schema=False)
@router.get(
    "/replies",
    responses={200: {"model": Replies, "description": "What a person has to read"}},
    openapi_extra=refuses("unauthorized", "unavailable"),
)
async def list_unclear_replies(store_id: StoreId, services: Given) -> Response:
    """Text messages that seem to opt out and could not be understood: a person reads them at the provider, and honours
    them by `due_on`, ten business days after they came.
    """
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        kept = await replies.unclear(connection, store_id)
    zone = store.zone if (store := services.stores.get(store_id)) else ZoneInfo("UTC")
    found = [one | {"due_on": due_on(one["received_at"], zone)} for one in kept]
    return Response(to_json({"replies": found}), 200, {"Cache-Control": "no-store"}, "application/json")
