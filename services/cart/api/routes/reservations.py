"""Endpoints that hold units back while a shopper pays."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.replies import reply
from services.cart.api.schemas.stock import ReservationAnswer

STORE = "/v1/stores/{store_id}"
MADE = answers(ReservationAnswer, 200, "reservations-off", "unknown-cart")
RELEASED = nothing("unknown-cart")


def reservation_routes(services: Services) -> tuple[APIRouter, APIRouter]:
    """Reservations by shoppers, and by servers."""
    shoppers, servers = APIRouter(tags=["shoppers"]), APIRouter(tags=["servers"])

    @shoppers.post(STORE + "/cart/reservation", responses=MADE)
    async def reserve_cart(request: Request, store_id: str) -> Response:
        """Holds back what is in the cart, as far as it is there, for the minutes that the store gives. Call it again to
        begin anew, after a change of the cart as well. Of goods whose level is not known there is always enough.
        """
        shopper = services.shopper(request, store_id)
        intent = services.intents.of(request, store_id, shopper.caller)
        return reply(await services.reserving.reserve(shopper, services.store(store_id).reservation_minutes, intent))

    @shoppers.delete(STORE + "/cart/reservation", status_code=204, responses=RELEASED)
    async def release_cart(request: Request, store_id: str) -> Response:
        """Lets go what is held back for the cart."""
        shopper = services.shopper(request, store_id)
        return reply(await services.reserving.release(shopper, services.intents.of(request, store_id, shopper.caller)))

    @servers.post(STORE + "/carts/{cart_id}/reservation", responses=MADE)
    async def reserve_cart_by_id(request: Request, store_id: str, cart_id: UUID) -> Response:
        """Holds back what is in an open cart, as its shopper may."""
        intent = services.intents.of(request, store_id, services.server(request, store_id, "carts:write"))
        return reply(await services.reserving.reserve(cart_id, services.store(store_id).reservation_minutes, intent))

    @servers.delete(STORE + "/carts/{cart_id}/reservation", status_code=204, responses=RELEASED)
    async def release_cart_by_id(request: Request, store_id: str, cart_id: UUID) -> Response:
        """Lets go what is held back for an open cart."""
        intent = services.intents.of(request, store_id, services.server(request, store_id, "carts:write"))
        return reply(await services.reserving.release(cart_id, intent))

    return shoppers, servers
