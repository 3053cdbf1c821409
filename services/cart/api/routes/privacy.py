"""Endpoints for what the law asks for: that everything held on a customer be shown, and be forgotten."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from services.cart.api.deps import ServerCall, server
from services.cart.api.handler_deps import Erasures, Exports
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import STORE, CustomerId
from services.cart.api.replies import JSON, NO_STORE, reply, reply_json
from services.cart.api.schemas.privacy import CustomerExport, ErasureReceipt, PendingErasure

router = APIRouter(prefix=STORE, tags=["servers"])


@router.post("/customers/{customer_id:path}/erasure", status_code=202, responses=answers(PendingErasure, 202))
async def erase_customer(
    store_id: str,
    customer_id: CustomerId,
    caller: Annotated[str, server("customers:erase")],
    call: ServerCall,
    erasures: Erasures,
) -> Response:
    """Erases a customer under every name: carts, contact data and all else, here at once and in every service that
    was told of them. Whoever comes back under the same id is new. The receipt says where it was done.
    """
    return reply(await erasures.erase(store_id, customer_id, call.write_request(caller)))


@router.get(
    "/erasures/{erasure_id}",
    responses=answers(ErasureReceipt, 200, "unknown-erasure"),
    dependencies=[server("customers:erase")],
)
async def read_erasure_receipt(store_id: str, erasure_id: UUID, erasures: Erasures) -> Response:
    """Where a customer was erased, and where something goes only by itself. It names nobody."""
    return reply_json(await erasures.receipt(store_id, erasure_id))


@router.get(
    "/customers/{customer_id:path}/export",
    responses=answers(CustomerExport, 200),
    dependencies=[server("customers:read")],
)
async def export_customer(store_id: str, customer_id: CustomerId, exports: Exports) -> Response:
    """Everything that this service holds on a customer, under every name, as one document. Trigger and notifier
    answer for theirs; `evercart export` asks all three.
    """
    return StreamingResponse(exports.export(store_id, customer_id), headers=NO_STORE, media_type=JSON)
