"""Endpoints of shoppers, but for the two hot ones."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.errors import problem_of
from services.cart.api.openapi.answers import answers, takes
from services.cart.api.replies import reply, reply_to_link
from services.cart.api.request import parsed
from services.cart.api.schemas.cart import CartAnswer, RecoveredCart
from services.cart.domain.commands import Clear, Command, Quantity, RemoveLine, SetQuantity
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_BODY
from services.cart.domain.tokens import ForgedError, read_recovery_token

LINK = ("unknown-link", "link-expired", "link-revoked", "cart-gone")
"""What may be wrong with a link."""


def shopper_routes(services: Services) -> APIRouter:
    """Lines, recovery."""
    router = APIRouter(tags=["shoppers"])

    async def changed(request: Request, store_id: str, command: Command, body: Quantity | None = None) -> Response:
        shopper = services.shopper(request, store_id)
        intent = services.intents.of(request, store_id, shopper.caller, body)
        return reply(await services.changing.change(shopper, command, intent))

    @router.put(
        "/v1/stores/{store_id}/cart/lines/{line_id}",
        responses=answers(CartAnswer, 200, "unknown-line", "limit-reached"),
        openapi_extra=takes(Quantity),
    )
    async def set_quantity(request: Request, store_id: str, line_id: UUID) -> Response:
        """Sets a line to an absolute quantity; 0 takes it out."""
        services.shopper(request, store_id)
        body = await parsed(request, Quantity, MAX_BODY)
        return await changed(request, store_id, SetQuantity(line_id, body.quantity), body)

    @router.delete("/v1/stores/{store_id}/cart/lines/{line_id}", responses=answers(CartAnswer, 200))
    async def remove_line(request: Request, store_id: str, line_id: UUID) -> Response:
        """Takes a line out; where it is not there nothing changes."""
        return await changed(request, store_id, RemoveLine(line_id))

    @router.delete("/v1/stores/{store_id}/cart/lines", responses=answers(CartAnswer, 200))
    async def clear_cart(request: Request, store_id: str) -> Response:
        """Takes all lines out."""
        return await changed(request, store_id, Clear())

    @router.get("/v1/recovery/{token}", responses=answers(RecoveredCart, 200, *LINK))
    async def recover_cart(token: str) -> Response:
        """Opens the cart of a recovery link, on any device: the goods in it as they are now and nothing else, never a
        log-in. `id` and `version` are for the order that the shop's server may take from it.
        """
        try:
            link = read_recovery_token(services.token_secret, token)
        except ForgedError:
            raise problem_of(Refusal("unknown-link", "This link leads to no cart.")) from None
        found = await services.reading.recover(link)
        return reply_to_link(found.goods, id=found.cart_id, version=found.version, recovered=True)

    return router
