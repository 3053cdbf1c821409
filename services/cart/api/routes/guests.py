"""Endpoints that give a guest a token, and have the browser forget it."""

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.openapi.operations import STOREFRONT
from services.cart.api.replies import JSON
from services.cart.api.schemas.cart import TokenAnswer
from services.cart.auth.challenges import stranger
from services.cart.auth.cookies import set_cookie
from services.cart.domain.tokens import issue_guest_token

GUEST = "/v1/stores/{store_id}/cart/token"


def guest_routes(services: Services) -> APIRouter:
    """Cart tokens."""
    router = APIRouter(tags=["shoppers"])

    @router.post(GUEST, status_code=201, responses=answers(TokenAnswer, 201, *STOREFRONT))
    async def issue_cart_token(request: Request, store_id: str) -> Response:
        """Issues a token for an anonymous cart. Nothing is stored until something is put into it. Where the store has
        cookies on, the pages of its origins get it as a cookie, too, which counts where no header says who calls.
        """
        services.newcomer(request, store_id)
        door = services.door(store_id)
        token = issue_guest_token(services.token_secret, store_id)
        headers = {"Cache-Control": "no-store"}
        cookies = services.store(store_id).cookie
        # others' pages must not swap a shopper's cart for an empty one
        if cookies != "off" and door.trusts(request.headers):
            headers["Set-Cookie"] = set_cookie(store_id, token, cookies)
        return Response(to_json({"cart_token": token}), 201, headers, media_type=JSON)

    @router.delete(GUEST, status_code=204, responses=nothing(*STOREFRONT))
    async def forget_cart_token(request: Request, store_id: str) -> Response:
        """Has the browser forget the cookie, at log-out. The cart stays where it is, for whoever holds the token."""
        door = services.door(store_id)
        door.storefront(request.headers)
        cookies = services.store(store_id).cookie
        if cookies == "off":
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        if not door.trusts(request.headers):
            raise stranger()
        headers = {"Cache-Control": "no-store", "Set-Cookie": set_cookie(store_id, "", cookies)}
        return Response(status_code=204, headers=headers)

    return router
