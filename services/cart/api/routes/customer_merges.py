"""Endpoints by which a store's servers see what log-ins did to a customer's carts, and undo it for them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic_core import to_json, to_jsonable_python
from starlette.responses import Response

from libs.http import paging
from libs.http.paging import page_of
from services.cart.api.deps import CartCall, server
from services.cart.api.handler_deps import Merges
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import STORE, CustomerId, NamedCustomer
from services.cart.api.replies import reply, reply_json
from services.cart.api.schemas.merge import CustomerMergePage, UndoResult
from services.cart.domain.limits import MERGES_PAGE
from services.cart.domain.shopper import Shopper

router = APIRouter(prefix=STORE + "/customers/{customer_id:path}/merges", tags=["servers"])


@router.get("", responses=answers(CustomerMergePage, 200), dependencies=[server("customers:read")])
async def list_merges_of_customer(
    store_id: str,
    customer_id: CustomerId,
    merges: Merges,
    after: Annotated[UUID | None, paging.after()] = None,
    limit: Annotated[int, paging.limit(MERGES_PAGE)] = MERGES_PAGE,
) -> Response:
    """What log-ins did to a customer's carts, closed ones too, newest first, and what of it can be undone."""
    found = await merges.all_receipts(store_id, customer_id, after, limit + 1)
    shown, following = page_of(found, limit, lambda one: str(one[0].merge_id))
    told = [to_jsonable_python(receipt) | {"can_be_undone": undoable} for receipt, undoable in shown]
    return reply_json(to_json({"merges": told, "next": following}))


@router.post(
    "/{merge_id}/undo",
    responses=answers(UndoResult, 200, "unknown-merge", "merge-undone", "merge-settled", "undo-expired"),
)
async def undo_merge_of_customer(
    store_id: str,
    customer_id: NamedCustomer,
    merge_id: UUID,
    caller: Annotated[str, server("customers:write")],
    call: CartCall,
    merges: Merges,
) -> Response:
    """Takes out what a log-in brought into the customer's cart, as they could themselves, for 24 hours. The audit keeps
    that it was done for them.
    """
    write = call.write_request(caller, about=customer_id)
    return reply(await merges.undo_for(Shopper(store_id, customer_id), merge_id, write))
