"""Endpoints for what the law asks for: that everything held on a customer be shown, and be forgotten."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers
from services.cart.api.replies import JSON, reply
from services.cart.api.routes.server_carts import STORE, CustomerId
from services.cart.api.schemas.privacy import CustomerExport, ErasureAnswer, ErasureReceipt


def privacy_routes(services: Services) -> APIRouter:
    """Erasure of customers, and its receipts."""
    router = APIRouter(tags=["servers"])

    @router.post(
        STORE + "/customers/{customer_id:path}/erasure",
        status_code=202,
        responses=answers(ErasureAnswer, 202),
    )
    async def erase_customer(request: Request, store_id: str, customer_id: str = CustomerId) -> Response:
        """Erases a customer under every name: carts, contact data and all else, here at once and in every service that
        was told of them. Whoever comes back under the same id is new. The receipt says where it was done.
        """
        caller = services.server(request, store_id, "customers:erase")
        intent = services.intents.of(request, store_id, caller)
        return reply(await services.erasing.erase(store_id, customer_id, intent))

    @router.get(STORE + "/erasures/{erasure_id}", responses=answers(ErasureReceipt, 200, "unknown-erasure"))
    async def read_erasure_receipt(request: Request, store_id: str, erasure_id: UUID) -> Response:
        """Where a customer was erased, and where something goes only by itself. It names nobody."""
        services.server(request, store_id, "customers:erase")
        body = await services.erasing.receipt(store_id, erasure_id)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON)

    @router.get(
        STORE + "/customers/{customer_id:path}/export", responses=answers(CustomerExport, 200, 401, 403, 404, 422)
    )
    async def export_customer(request: Request, store_id: str, customer_id: str = CustomerId) -> Response:
        """Everything that this service holds on a customer, under every name, as one document. Trigger and notifier
        answer for theirs; `evercart export` asks all three.
        """
        services.server(request, store_id, "customers:read")
        pieces = services.exporting.export(store_id, customer_id)
        return StreamingResponse(pieces, headers={"Cache-Control": "no-store"}, media_type=JSON)

    return router
