"""Endpoints of the lines in a shopper's cart.

Adding one is one of the two hot calls, a plain Starlette route as in `carts`.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Security
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.cart.api.body import json_body, parsed
from services.cart.api.deps import CallingShopper, ShopperCall, shopper, shopper_call
from services.cart.api.handler_deps import Carts
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import CART
from services.cart.api.replies import reply
from services.cart.api.schemas.cart import Cart
from services.cart.api.services import services_of
from services.cart.domain.commands import AddLine, Clear, LineNote, Quantity, RemoveLine, SetNote, SetQuantity
from services.cart.domain.limits import MAX_BODY

router = APIRouter(prefix=CART + "/lines", tags=["shoppers"])
X_CART_ID = {
    "name": "X-Cart-Id",
    "in": "header",
    "required": False,
    # a pattern, not the format: generated clients would give it as an object, which no HTTP library sends
    "schema": {"type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
    "example": "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10",
    "description": "The cart on which the device made this: what an order has bought of it meanwhile is not added.",
}


async def add_line(request: Request) -> Response:
    """Adds units of a sku."""
    services, store_id = services_of(request), request.path_params["store_id"]
    shopper = services.callers.shopper(request, store_id)
    command = await parsed(request, AddLine, MAX_BODY)
    write = services.write_requests.of(request, store_id, shopper.caller, command)
    return reply(await services.carts.change(shopper, command, write))


hot_routes = [Route(CART + "/lines", add_line, methods=["POST"])]


@router.post(
    "",
    name="add_line",
    responses=answers(Cart, 200, "limit-reached", "currency-mismatch", "currency-not-accepted"),
    dependencies=[Security(shopper), json_body(AddLine, MAX_BODY), Depends(shopper_call)],
    openapi_extra={"parameters": [X_CART_ID]},
)
async def documented_add_line() -> None:
    """Adds units of a sku: a delta, so two devices that add at once both count."""


@router.put("/{line_id}", responses=answers(Cart, 200, "unknown-line", "limit-reached"))
async def set_quantity(
    line_id: UUID,
    shopper: CallingShopper,
    body: Annotated[Quantity, json_body(Quantity, MAX_BODY)],
    call: ShopperCall,
    carts: Carts,
) -> Response:
    """Sets a line to an absolute quantity; 0 takes it out."""
    write = call.write_request(shopper.caller, body)
    return reply(await carts.change(shopper, SetQuantity(line_id, body.quantity), write))


@router.patch("/{line_id}", responses=answers(Cart, 200, "unknown-line"))
async def set_note(
    line_id: UUID,
    shopper: CallingShopper,
    body: Annotated[LineNote, json_body(LineNote, MAX_BODY)],
    call: ShopperCall,
    carts: Carts,
) -> Response:
    """Writes a note on a line, or wipes it off by null."""
    write = call.write_request(shopper.caller, body)
    return reply(await carts.change(shopper, SetNote(line_id, body.note), write))


@router.delete("/{line_id}", responses=answers(Cart, 200))
async def remove_line(line_id: UUID, shopper: CallingShopper, call: ShopperCall, carts: Carts) -> Response:
    """Takes a line out; where it is not there nothing changes."""
    return reply(await carts.change(shopper, RemoveLine(line_id), call.write_request(shopper.caller)))


@router.delete("", responses=answers(Cart, 200))
async def clear_cart(shopper: CallingShopper, call: ShopperCall, carts: Carts) -> Response:
    """Takes all lines out."""
    return reply(await carts.change(shopper, Clear(), call.write_request(shopper.caller)))
