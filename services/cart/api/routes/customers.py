"""Endpoints of the store's servers about who is who."""

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, nothing, takes
from services.cart.api.replies import JSON, reply
from services.cart.api.request import parsed
from services.cart.api.schemas.merge import IdentitiesAnswer, UnitedAnswer
from services.cart.domain.commands import MergeCustomer
from services.cart.domain.limits import MAX_SERVER_BODY

CUSTOMER = "/v1/stores/{store_id}/customers/{customer_id:path}"
Name = Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
Identity = Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")


def identity_routes(services: Services) -> APIRouter:
    """Loyalty numbers and terminals of a customer, and customers that turned out to be one."""
    router = APIRouter(tags=["servers"])

    @router.get(CUSTOMER + "/identities", responses=answers(IdentitiesAnswer, 200))
    async def list_identities(request: Request, store_id: str, customer_id: str = Name) -> Response:
        """The customer for whom this id acts, and all other identities of that customer."""
        services.server(request, store_id, "customers:read")
        body = await services.uniting.names(store_id, customer_id)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON)

    @router.put(
        CUSTOMER + "/identities/{identity:path}",
        responses=answers(UnitedAnswer, 200, "same-customer", "identity-taken"),
    )
    async def add_identity(
        request: Request, store_id: str, customer_id: str = Name, identity: str = Identity
    ) -> Response:
        """Makes an identity (a loyalty number, a terminal) act for the customer: a JWT with it as `sub` opens the
        customer's cart. What was gathered under it is merged in as the store merges.
        """
        caller = services.server(request, store_id, "customers:write")
        intent = services.intents.of(request, store_id, caller, about=customer_id)
        mode = services.store(store_id).merge
        return reply(await services.uniting.add_name(store_id, customer_id, identity, mode, intent))

    @router.delete(CUSTOMER + "/identities/{identity:path}", status_code=204, responses=nothing("unknown-identity"))
    async def remove_identity(
        request: Request, store_id: str, customer_id: str = Name, identity: str = Identity
    ) -> Response:
        """Lets an identity stand for itself again. The cart stays the customer's."""
        intent = services.intents.of(request, store_id, services.server(request, store_id, "customers:write"))
        return reply(await services.uniting.remove_name(store_id, customer_id, identity, intent))

    @router.post(
        CUSTOMER + "/merge",
        responses=answers(UnitedAnswer, 200, "same-customer", "identity-taken"),
        openapi_extra=takes(MergeCustomer),
    )
    async def merge_customer(request: Request, store_id: str, customer_id: str = Name) -> Response:
        """Merges this customer into another: the carts as the store merges, with a receipt; contact data of the other
        stays, and is taken over where there is none. Later log-ins of this customer act for the other.
        """
        caller = services.server(request, store_id, "customers:write")
        body = await parsed(request, MergeCustomer, MAX_SERVER_BODY)
        intent = services.intents.of(request, store_id, caller, body, about=customer_id)
        mode = services.store(store_id).merge
        return reply(await services.uniting.merge(store_id, customer_id, body.into, mode, intent))

    return router
