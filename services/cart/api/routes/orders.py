"""Endpoints for orders, opened by a secret key."""

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, takes
from services.cart.api.replies import JSON, reply
from services.cart.api.request import parsed
from services.cart.api.schemas.cart import OrderAnswer, OrderHistory
from services.cart.domain.limits import MAX_SERVER_BODY
from services.cart.domain.orders.commands import PlaceOrder, UpdateOrder

STORE = "/v1/stores/{store_id}"
# `:path`, because an order id may hold an (encoded) slash
ORDER = STORE + "/orders/{order_id:path}"
OrderId = Path(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")


def order_routes(services: Services) -> APIRouter:
    """Orders and what becomes of them."""
    router = APIRouter(tags=["servers"])

    @router.post(
        STORE + "/orders",
        status_code=201,
        responses=answers(OrderAnswer, 201, 200, "order-conflict"),
        openapi_extra=takes(PlaceOrder),
    )
    async def place_order(request: Request, store_id: str) -> Response:
        """Tells of an order: it closes the active carts of this customer, of this token and of this id. An order of
        what was never in a cart is accepted; the same order again gives the same answer.
        """
        caller = services.server(request, store_id, "orders:write")
        order = await parsed(request, PlaceOrder, MAX_SERVER_BODY)
        token_hash = services.door(store_id).guest_hash(order.cart_token) if order.cart_token else None
        intent = services.intents.of(request, store_id, caller, order)
        return reply(await services.ordering.place_order(store_id, order, token_hash, intent))

    @router.post(
        ORDER + "/events",
        status_code=201,
        responses=answers(OrderHistory, 201, 200, "unknown-order", "order-mismatch", "update-conflict"),
        openapi_extra=takes(UpdateOrder),
    )
    async def update_order(request: Request, store_id: str, order_id: str = OrderId) -> Response:
        """Tells what became of an order, or of some of its lines; others hear of it. The same again changes nothing.
        Carts that the order closed stay closed.
        """
        caller = services.server(request, store_id, "orders:write")
        update = await parsed(request, UpdateOrder, MAX_SERVER_BODY)
        intent = services.intents.of(request, store_id, caller, update)
        return reply(await services.fulfilling.update(store_id, order_id, update, intent))

    @router.get(ORDER, responses=answers(OrderHistory, 200, "unknown-order"))
    async def read_order(request: Request, store_id: str, order_id: str = OrderId) -> Response:
        """An order, the carts that it closed, and what became of it in the order in which that happened."""
        services.server(request, store_id, "orders:read")
        body = await services.fulfilling.history(store_id, order_id)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON)

    return router
