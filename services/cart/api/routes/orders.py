"""Endpoints for orders, opened by a secret key."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.body import json_body
from services.cart.api.deps import ServerCall, StoreAuthenticator, server
from services.cart.api.handler_deps import Fulfilment, Orders
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import STORE, OrderId
from services.cart.api.replies import reply, reply_json
from services.cart.api.schemas.orders import OrderHistory, PlacedOrder
from services.cart.domain.limits import MAX_SERVER_BODY
from services.cart.domain.orders.commands import PlaceOrder, UpdateOrder

router = APIRouter(prefix=STORE + "/orders", tags=["servers"])


@router.post("", status_code=201, responses=answers(PlacedOrder, 201, 200, "order-conflict"))
async def place_order(
    store_id: str,
    caller: Annotated[str, server("orders:write")],
    order: Annotated[PlaceOrder, json_body(PlaceOrder, MAX_SERVER_BODY)],
    call: ServerCall,
    authenticator: StoreAuthenticator,
    orders: Orders,
) -> Response:
    """Tells of an order. With lines it takes these units out of the active carts of this customer, of this token and of
    this id, without lines or with `whole_cart` all of them; what it leaves is in the next cart. No cart of whoever
    ordered is reminded of until its goods change. An order of what was never in a cart is accepted; the same order
    again gives the same answer.
    """
    token_hash = authenticator.guest_hash(order.cart_token) if order.cart_token else None
    return reply(await orders.place_order(store_id, order, token_hash, call.write_request(caller, order)))


@router.post(
    "/{order_id:path}/events",
    status_code=201,
    responses=answers(OrderHistory, 201, 200, "unknown-order", "order-mismatch", "update-conflict"),
)
async def update_order(
    store_id: str,
    order_id: OrderId,
    caller: Annotated[str, server("orders:write")],
    update: Annotated[UpdateOrder, json_body(UpdateOrder, MAX_SERVER_BODY)],
    call: ServerCall,
    fulfilment: Fulfilment,
) -> Response:
    """Tells what became of an order, or of some of its lines; others hear of it. The same again changes nothing.
    Carts that the order closed stay closed; where it was not paid, or cancelled with `reopen`, their goods are in the
    customer's cart again.
    """
    return reply(await fulfilment.update(store_id, order_id, update, call.write_request(caller, update)))


@router.get(
    "/{order_id:path}",
    responses=answers(OrderHistory, 200, "unknown-order"),
    dependencies=[server("orders:read")],
)
async def read_order(store_id: str, order_id: OrderId, fulfilment: Fulfilment) -> Response:
    """An order, the carts that it closed, and what became of it in the order in which that happened."""
    return reply_json(await fulfilment.history(store_id, order_id))
