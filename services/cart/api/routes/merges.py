"""Endpoints of log-in: claiming a guest's cart, the receipts of that, and undoing it."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.http.problems import Problem
from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, takes
from services.cart.api.replies import JSON, reply
from services.cart.api.request import parsed
from services.cart.api.schemas.merge import ClaimAnswer, MergesAnswer, UndoAnswer
from services.cart.domain.commands import Claim
from services.cart.domain.limits import MAX_BODY

CART = "/v1/stores/{store_id}/cart"


def merge_routes(services: Services) -> APIRouter:
    """Claims and what became of them; for customers only."""
    router = APIRouter(tags=["shoppers"])

    @router.post(
        CART + "/claim",
        responses=answers(ClaimAnswer, 200),
        openapi_extra=takes(Claim),
    )
    async def claim_cart(request: Request, store_id: str) -> Response:
        """Brings the guest's cart of a token to the customer who has just logged in. A log-in never fails over a cart:
        a token that leads to nothing (any more) leaves the customer's cart as it is, and what does not fit is set aside
        among the saved lines.
        """
        customer = services.customer(request, store_id)
        body = await parsed(request, Claim, MAX_BODY)
        intent = services.intents.of(request, store_id, customer.caller, body)
        mode = body.mode or services.store(store_id).merge
        token = body.cart_token or services.door(store_id).cookie(request.headers)
        if token is None and services.store(store_id).cookie == "off":
            raise _nobody_named()
        guest = services.door(store_id).guest_hash(token) if token else None
        return reply(await services.claiming.claim(customer, guest, mode, intent))

    @router.get(CART + "/merges", responses=answers(MergesAnswer, 200))
    async def list_merges(request: Request, store_id: str) -> Response:
        """What log-ins did to the customer's cart, newest first, at most 50."""
        customer = services.customer(request, store_id)
        body = await services.claiming.receipts(customer)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON)

    @router.post(
        CART + "/merges/{merge_id}/undo",
        responses=answers(UndoAnswer, 200, "unknown-merge", "merge-undone", "merge-settled", "undo-expired"),
    )
    async def undo_merge(request: Request, store_id: str, merge_id: UUID) -> Response:
        """Takes out what a log-in brought in, for 24 hours. What was changed since stays; the guest's token opens its
        cart again. Once the cart was ordered there is nothing left to undo.
        """
        customer = services.customer(request, store_id)
        intent = services.intents.of(request, store_id, customer.caller)
        return reply(await services.claiming.undo(customer, merge_id, intent))

    return router


def _nobody_named() -> Problem:
    faults = [{"pointer": "/cart_token", "detail": "Field required"}]
    return Problem(422, "invalid-request", "The request has fields that are not valid.", errors=faults)
