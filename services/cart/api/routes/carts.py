"""Endpoints of a shopper's cart as a whole.

Reading it is one of the two hot calls: a plain Starlette route in front of FastAPI's, answered with bytes built once.
Its documented twin stands in the OpenAPI document; nothing is ever routed to it.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Security
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.cart.api.body import json_body
from services.cart.api.deps import CallingShopper, ShopperCall, device, known_states, shopper
from services.cart.api.handler_deps import Carts
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import CART
from services.cart.api.replies import reply, reply_with
from services.cart.api.request import device_of, entity_tags
from services.cart.api.schemas.cart import Cart
from services.cart.api.services import services_of
from services.cart.domain.commands import Attributes, SetAttributes
from services.cart.domain.limits import MAX_BODY

router = APIRouter(prefix=CART, tags=["shoppers"])


async def read_cart(request: Request) -> Response:
    """The cart, or 304 where the caller knows this state of it."""
    services = services_of(request)
    shopper = services.callers.shopper(request, request.path_params["store_id"])
    view = await services.reads.read_with_notices(shopper, device_of(request) or "")
    condition = request.headers.get("if-none-match")
    if condition is not None and _known(view.etag, condition):
        return Response(status_code=304, headers={"Cache-Control": "no-store", "ETag": view.etag})
    return reply_with(view)


def _known(etag: str, condition: str) -> bool:
    return not entity_tags(condition, "If-None-Match", weakly=True).isdisjoint((etag, "*"))


hot_routes = [Route(CART, read_cart, methods=["GET"])]


@router.get(
    "",
    name="read_cart",
    responses=answers(Cart, 200, 304),
    dependencies=[Security(shopper), Depends(device), Depends(known_states)],
)
async def documented_read_cart() -> None:
    """The cart as it is; an empty one, with id null and version 0, where there is none."""


@router.patch("", responses=answers(Cart, 200, "limit-reached"))
async def set_attributes(
    shopper: CallingShopper,
    body: Annotated[Attributes, json_body(Attributes, MAX_BODY)],
    call: ShopperCall,
    carts: Carts,
) -> Response:
    """Sets attributes of the cart, such as channel or campaign; null removes one, others stay."""
    write = call.write_request(shopper.caller, body)
    return reply(await carts.change(shopper, SetAttributes(body.attributes), write))
