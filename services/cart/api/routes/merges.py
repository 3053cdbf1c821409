"""Endpoints of log-in: claiming a guest's cart, the receipts of that, and undoing it; for customers only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from libs.http import paging
from libs.http.paging import page_of
from libs.http.problems import Problem
from services.cart.api.body import json_body
from services.cart.api.deps import CalledStore, CallingCustomer, ShopperCall, StoreAuthenticator
from services.cart.api.handler_deps import Merges
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import CART
from services.cart.api.replies import reply, reply_json
from services.cart.api.schemas.merge import ClaimResult, MergePage, UndoResult
from services.cart.domain.commands import Claim
from services.cart.domain.limits import MAX_BODY, MERGES_PAGE

router = APIRouter(prefix=CART, tags=["shoppers"])


@router.post("/claim", responses=answers(ClaimResult, 200))
async def claim_cart(
    request: Request,
    customer: CallingCustomer,
    body: Annotated[Claim, json_body(Claim, MAX_BODY)],
    call: ShopperCall,
    store: CalledStore,
    authenticator: StoreAuthenticator,
    merges: Merges,
) -> Response:
    """Brings the guest's cart of a token to the customer who has just logged in. A log-in never fails over a cart:
    a token that leads to nothing (any more) leaves the customer's cart as it is, and what does not fit is set aside
    among the saved lines.
    """
    write = call.write_request(customer.caller, body)
    token = body.cart_token or authenticator.cookie(request.headers)
    if token is None and store.cookie == "off":
        raise _no_token()
    guest = authenticator.guest_hash(token) if token else None
    return reply(await merges.claim(customer, guest, body.mode or store.merge, write))


@router.get("/merges", responses=answers(MergePage, 200))
async def list_merges(
    customer: CallingCustomer,
    merges: Merges,
    after: Annotated[UUID | None, paging.after()] = None,
    limit: Annotated[int, paging.limit(MERGES_PAGE)] = MERGES_PAGE,
) -> Response:
    """What log-ins did to the customer's cart, newest first."""
    found = await merges.receipts(customer, after, limit + 1)
    receipts, following = page_of(found, limit, lambda receipt: str(receipt.merge_id))
    return reply_json(to_json({"merges": receipts, "next": following}))


@router.post(
    "/merges/{merge_id}/undo",
    responses=answers(UndoResult, 200, "unknown-merge", "merge-undone", "merge-settled", "undo-expired"),
)
async def undo_merge(merge_id: UUID, customer: CallingCustomer, call: ShopperCall, merges: Merges) -> Response:
    """Takes out what a log-in brought in, for 24 hours. What was changed since stays; the guest's token opens its
    cart again. Once the cart was ordered there is nothing left to undo.
    """
    return reply(await merges.undo(customer, merge_id, call.write_request(customer.caller)))


def _no_token() -> Problem:
    faults = [{"pointer": "/cart_token", "detail": "Field required"}]
    return Problem(422, "invalid-request", "The request has fields that are not valid.", errors=faults)
