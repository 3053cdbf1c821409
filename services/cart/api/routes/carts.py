"""The two hot endpoints: plain Starlette routes in front of FastAPI's, answered with bytes built once.

Their documented twins only stand in the OpenAPI document; nothing is ever routed to them.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, nothing, takes
from services.cart.api.replies import reply, reply_with
from services.cart.api.request import device_of, entity_tags, parsed
from services.cart.api.schemas.cart import CartAnswer
from services.cart.domain.commands import AddLine
from services.cart.domain.limits import MAX_BODY

CART_PATH = "/v1/stores/{store_id}/cart"
LINES_PATH = CART_PATH + "/lines"
EVENTS = {
    "description": "Events named `cart`; `data` is a Cart, `id` its entity tag.",
    "content": {"text/event-stream": {"example": 'event: cart\nid: "7-a4c987462688"\ndata: {"version": 7}\n\n'}},
}
LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The id of the last event that the device has seen: it gets only what is news.",
}
X_CART_ID = {
    "name": "X-Cart-Id",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "format": "uuid"},
    "description": "The cart on which the device made this: what an order has bought of it meanwhile is not added.",
}


def hot_routes(services: Services) -> list[Route]:
    """Adding a line and reading the cart."""

    async def add_line(request: Request) -> Response:
        store_id = request.path_params["store_id"]
        shopper = services.shopper(request, store_id)
        command = await parsed(request, AddLine, MAX_BODY)
        intent = services.intents.of(request, store_id, shopper.caller, command)
        return reply(await services.changing.change(shopper, command, intent))

    async def read_cart(request: Request) -> Response:
        shopper = services.shopper(request, request.path_params["store_id"])
        view = await services.reading.read_with_notices(shopper, device_of(request) or "")
        condition = request.headers.get("if-none-match")
        if condition is not None and _known(view.etag, condition):
            return Response(status_code=304, headers={"Cache-Control": "no-store", "ETag": view.etag})
        return reply_with(view)

    return [Route(LINES_PATH, add_line, methods=["POST"]), Route(CART_PATH, read_cart, methods=["GET"])]


def _known(etag: str, condition: str) -> bool:
    return not entity_tags(condition, "If-None-Match", weakly=True).isdisjoint((etag, "*"))


def documented_twins() -> APIRouter:
    """The hot endpoints as the OpenAPI document shows them."""
    router = APIRouter(tags=["shoppers"], generate_unique_id_function=lambda route: route.name)

    @router.post(
        LINES_PATH,
        responses=answers(CartAnswer, 200, "limit-reached", "currency-mismatch", "currency-not-accepted"),
        openapi_extra=takes(AddLine) | {"parameters": [X_CART_ID]},
    )
    async def add_line(store_id: str) -> None:
        """Adds units of a sku: a delta, so two devices that add at once both count."""

    @router.get(CART_PATH, responses=answers(CartAnswer, 200, 304))
    async def read_cart(store_id: str) -> None:
        """The cart as it is; an empty one, with id null and version 0, where there is none."""

    @router.get(
        CART_PATH + "/stream",
        responses=nothing("too-many-streams") | {200: EVENTS},
        response_class=Response,
        openapi_extra={"parameters": [LAST_EVENT_ID]},
    )
    async def stream_cart(store_id: str) -> None:
        """The cart as server-sent events: as it is now (unless that is `Last-Event-ID`), and after each change,
        wherever it was made. A comment comes every 15 seconds; the stream ends with the credentials.
        """

    return router
