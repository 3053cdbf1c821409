"""Endpoints of the store's servers, opened by a secret key."""

from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.errors import problem_of
from services.cart.api.openapi.answers import answers, nothing, takes
from services.cart.api.replies import JSON, reply
from services.cart.api.request import parsed
from services.cart.api.schemas.cart import (
    CartsAnswer,
    LookAnswer,
    ProfileAnswer,
    ProfileVersion,
)
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import CARTS_PAGE, MAX_SERVER_BODY
from services.cart.domain.profile import Contact
from services.cart.domain.tokens import issue_recovery_token

STORE = "/v1/stores/{store_id}"
# `:path`, because a customer id may hold an (encoded) slash
CustomerId = Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")


def cart_routes(services: Services) -> APIRouter:
    """The carts that a server may look at."""
    router = APIRouter(tags=["servers"])

    @router.get(STORE + "/carts/{cart_id}", responses=answers(LookAnswer, 200, "unknown-cart"))
    async def look_at_cart(request: Request, store_id: str, cart_id: UUID) -> Response:
        """The last look: a cart as it is, the levels of its skus (null where unknown), a fresh recovery link."""
        services.server(request, store_id, "carts:read")
        look = await services.reading.last_look(store_id, cart_id)
        if look is None:
            raise problem_of(Refusal("unknown-cart", "The store has no such cart."))
        token = issue_recovery_token(services.token_secret, look.link)
        url = services.store(store_id).recovery_url.replace("{token}", token)
        rest = to_json({"recovery_url": url, "as_of": look.as_of})
        body = b'{"cart":%s,"inventory":%s,%s' % (look.cart.json(), look.inventory.encode(), rest[1:])
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON)

    @router.get(STORE + "/carts", responses=answers(CartsAnswer, 200))
    async def list_carts(
        request: Request,
        store_id: str,
        customer_id: str = Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
        limit: int = Query(CARTS_PAGE, ge=1, le=CARTS_PAGE),
    ) -> Response:
        """A customer's carts in whatever state, newest first."""
        services.server(request, store_id, "carts:read")
        carts = await services.reading.carts_of(store_id, customer_id, limit)
        body = b'{"carts":[%s]}' % b",".join(cart.json() for cart in carts)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON)

    @router.delete(STORE + "/carts/{cart_id}/recovery", status_code=204, responses=nothing("unknown-cart"))
    async def revoke_recovery_links(request: Request, store_id: str, cart_id: UUID) -> Response:
        """Makes every recovery link of the cart that is out worthless."""
        intent = services.intents.of(request, store_id, services.server(request, store_id, "carts:write"))
        return reply(await services.sharing.revoke_links(store_id, cart_id, intent))

    return router


def customer_routes(services: Services) -> APIRouter:
    """Contact data and consent."""
    router = APIRouter(tags=["servers"])
    profile = STORE + "/customers/{customer_id:path}/profile"

    @router.put(profile, responses=answers(ProfileVersion, 200), openapi_extra=takes(Contact))
    async def set_profile(request: Request, store_id: str, customer_id: str = CustomerId) -> Response:
        """Replaces how a customer may be reached. The answer repeats no personal data."""
        caller = services.server(request, store_id, "customers:write")
        contact = await parsed(request, Contact, MAX_SERVER_BODY)
        intent = services.intents.of(request, store_id, caller, contact, about=customer_id)
        return reply(await services.uniting.set_profile(store_id, customer_id, contact, intent))

    @router.get(profile, responses=answers(ProfileAnswer, 200, "unknown-customer"))
    async def read_profile(request: Request, store_id: str, customer_id: str = CustomerId) -> Response:
        """How a customer may be reached."""
        services.server(request, store_id, "customers:read")
        known = await services.reading.read_profile(store_id, customer_id)
        if known is None:
            raise problem_of(Refusal("unknown-customer", "Nothing is known of this customer."))
        body = known.contact.model_dump() | known.model_dump(exclude={"contact"})
        return Response(to_json(body), headers={"Cache-Control": "no-store"}, media_type=JSON)

    @router.delete(profile, status_code=204, responses=nothing())
    async def erase_profile(request: Request, store_id: str, customer_id: str = CustomerId) -> Response:
        """Erases a customer's contact data, here and in every service that was told of it."""
        intent = services.intents.of(request, store_id, services.server(request, store_id, "customers:erase"))
        return reply(await services.uniting.erase(store_id, customer_id, intent))

    return router
