"""Endpoints of shoppers: what is saved for later, notes, attributes, and notices that were seen."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, takes
from services.cart.api.replies import reply
from services.cart.api.request import parsed
from services.cart.api.schemas.cart import CartAnswer
from services.cart.domain.commands import (
    Acknowledge,
    Attributes,
    Body,
    Command,
    DiscardSaved,
    LineNote,
    RestoreLine,
    SaveLine,
    SetAttributes,
    SetNote,
)
from services.cart.domain.limits import MAX_BODY

CART = "/v1/stores/{store_id}/cart"
CHANGED = answers(CartAnswer, 200, "unknown-line", "limit-reached", "currency-mismatch")


def shelf_routes(services: Services) -> APIRouter:
    """Saving for later, notes, attributes, acknowledging notices."""
    router = APIRouter(tags=["shoppers"])

    async def changed(request: Request, store_id: str, command: Command, body: Body | None = None) -> Response:
        shopper = services.shopper(request, store_id)
        intent = services.intents.of(request, store_id, shopper.caller, body)
        return reply(await services.changing.change(shopper, command, intent))

    @router.post(CART + "/lines/{line_id}/save", responses=CHANGED)
    async def save_line(request: Request, store_id: str, line_id: UUID) -> Response:
        """Sets a line aside for later: it counts in no total any more, and nobody is reminded of it."""
        return await changed(request, store_id, SaveLine(line_id))

    @router.post(CART + "/saved/{line_id}/restore", responses=CHANGED)
    async def restore_line(request: Request, store_id: str, line_id: UUID) -> Response:
        """Puts a saved line back into the cart, added to what is there of it."""
        return await changed(request, store_id, RestoreLine(line_id))

    @router.delete(CART + "/saved/{line_id}", responses=answers(CartAnswer, 200))
    async def discard_saved_line(request: Request, store_id: str, line_id: UUID) -> Response:
        """Forgets a saved line; where it is not there nothing changes."""
        return await changed(request, store_id, DiscardSaved(line_id))

    @router.patch(
        CART + "/lines/{line_id}", responses=answers(CartAnswer, 200, "unknown-line"), openapi_extra=takes(LineNote)
    )
    async def set_note(request: Request, store_id: str, line_id: UUID) -> Response:
        """Writes a note on a line, or wipes it off by null."""
        services.shopper(request, store_id)
        body = await parsed(request, LineNote, MAX_BODY)
        return await changed(request, store_id, SetNote(line_id, body.note), body)

    @router.patch(CART, responses=answers(CartAnswer, 200, "limit-reached"), openapi_extra=takes(Attributes))
    async def set_attributes(request: Request, store_id: str) -> Response:
        """Sets attributes of the cart, such as channel or campaign; null removes one, others stay."""
        services.shopper(request, store_id)
        body = await parsed(request, Attributes, MAX_BODY)
        return await changed(request, store_id, SetAttributes(body.attributes), body)

    @router.post(
        CART + "/notices/ack",
        responses=answers(CartAnswer, 200),
        openapi_extra=takes(Acknowledge),
    )
    async def acknowledge_notices(request: Request, store_id: str) -> Response:
        """Notes that notices were seen on this device (X-Device): here they are not told again, elsewhere they are.
        A notice that does not hold any more is passed over.
        """
        shopper = services.shopper(request, store_id)
        body = await parsed(request, Acknowledge, MAX_BODY)
        intent = services.intents.of(request, store_id, shopper.caller, body)
        return reply(await services.reading.acknowledge(shopper, body.notice_ids, intent))

    return router
