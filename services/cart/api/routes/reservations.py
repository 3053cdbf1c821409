"""Endpoints that hold units back while a shopper pays, for the shopper and for the store's servers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.deps import CalledStore, CallingShopper, CartCall, ShopperCall, server
from services.cart.api.handler_deps import Reservations
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import STORE
from services.cart.api.replies import reply
from services.cart.api.schemas.stock import Reservation

router = APIRouter(prefix=STORE)
RESERVED = answers(Reservation, 200, "reservations-off", "unknown-cart")
RELEASED = nothing("unknown-cart")


@router.post("/cart/reservation", tags=["shoppers"], responses=RESERVED)
async def reserve_cart(
    shopper: CallingShopper, call: ShopperCall, store: CalledStore, reservations: Reservations
) -> Response:
    """Holds back what is in the cart, as far as it is there, for the minutes that the store gives. Call it again to
    begin anew, after a change of the cart as well. Of goods whose level is not known there is always enough.
    """
    write = call.write_request(shopper.caller)
    return reply(await reservations.reserve(shopper, store.reservation_minutes, write))


@router.delete("/cart/reservation", tags=["shoppers"], status_code=204, responses=RELEASED)
async def release_cart(shopper: CallingShopper, call: ShopperCall, reservations: Reservations) -> Response:
    """Lets go what is held back for the cart."""
    return reply(await reservations.release(shopper, call.write_request(shopper.caller)))


@router.post("/carts/{cart_id}/reservation", tags=["servers"], responses=RESERVED)
async def reserve_cart_by_id(
    cart_id: UUID,
    caller: Annotated[str, server("carts:write")],
    call: CartCall,
    store: CalledStore,
    reservations: Reservations,
) -> Response:
    """Holds back what is in an open cart, as its shopper may."""
    write = call.write_request(caller)
    return reply(await reservations.reserve(cart_id, store.reservation_minutes, write))


@router.delete("/carts/{cart_id}/reservation", tags=["servers"], status_code=204, responses=RELEASED)
async def release_cart_by_id(
    cart_id: UUID, caller: Annotated[str, server("carts:write")], call: CartCall, reservations: Reservations
) -> Response:
    """Lets go what is held back for an open cart."""
    return reply(await reservations.release(cart_id, call.write_request(caller)))
