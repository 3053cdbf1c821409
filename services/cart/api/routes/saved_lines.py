"""Endpoints of lines that a shopper saves for later."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.deps import CallingShopper, ShopperCall
from services.cart.api.handler_deps import Carts
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import CART
from services.cart.api.replies import reply
from services.cart.api.schemas.cart import Cart
from services.cart.domain.commands import DiscardSaved, RestoreLine, SaveLine

router = APIRouter(prefix=CART, tags=["shoppers"])
MOVED = answers(Cart, 200, "unknown-line", "limit-reached", "currency-mismatch")


@router.post("/lines/{line_id}/save", responses=MOVED)
async def save_line(line_id: UUID, shopper: CallingShopper, call: ShopperCall, carts: Carts) -> Response:
    """Sets a line aside for later: it counts in no total any more, and nobody is reminded of it."""
    return reply(await carts.change(shopper, SaveLine(line_id), call.write_request(shopper.caller)))


@router.post("/saved/{line_id}/restore", responses=MOVED)
async def restore_line(line_id: UUID, shopper: CallingShopper, call: ShopperCall, carts: Carts) -> Response:
    """Puts a saved line back into the cart, added to what is there of it."""
    return reply(await carts.change(shopper, RestoreLine(line_id), call.write_request(shopper.caller)))


@router.delete("/saved/{line_id}", responses=answers(Cart, 200))
async def discard_saved_line(line_id: UUID, shopper: CallingShopper, call: ShopperCall, carts: Carts) -> Response:
    """Forgets a saved line; where it is not there nothing changes."""
    return reply(await carts.change(shopper, DiscardSaved(line_id), call.write_request(shopper.caller)))
