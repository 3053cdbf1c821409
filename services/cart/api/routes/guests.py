"""Endpoints that give a guest a token, and have the browser forget it."""

from fastapi import APIRouter, Depends
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import CalledStore, StoreAuthenticator, TokenSecret, new_guest, storefront
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import CART
from services.cart.api.replies import JSON, SECRET
from services.cart.api.schemas.cart import GuestToken
from services.cart.auth.challenges import origin_not_allowed
from services.cart.auth.cookies import set_cookie
from services.cart.domain.tokens import issue_guest_token

router = APIRouter(prefix=CART + "/token", tags=["shoppers"])


@router.post("", status_code=201, responses=answers(GuestToken, 201), dependencies=[Depends(new_guest)])
async def issue_cart_token(
    request: Request, store_id: str, store: CalledStore, authenticator: StoreAuthenticator, token_secret: TokenSecret
) -> Response:
    """Issues a token for an anonymous cart. Nothing is stored until something is put into it. Where the store has
    cookies on, the pages of its origins get it as a cookie, too, which counts where no header says who calls.
    """
    token = issue_guest_token(token_secret, store_id)
    headers = dict(SECRET)
    # others' pages must not swap a shopper's cart for an empty one
    if store.cookie != "off" and authenticator.from_own_page(request.headers):
        headers["Set-Cookie"] = set_cookie(store_id, token, store.cookie)
    return Response(to_json({"cart_token": token}), 201, headers, media_type=JSON)


@router.delete("", status_code=204, responses=nothing(), dependencies=[Depends(storefront)])
async def forget_cart_token(
    request: Request, store_id: str, store: CalledStore, authenticator: StoreAuthenticator
) -> Response:
    """Has the browser forget the cookie, at log-out. The cart stays where it is, for whoever holds the token."""
    headers = {"Cache-Control": "no-store"}
    if store.cookie != "off":
        if not authenticator.from_own_page(request.headers):
            raise origin_not_allowed()
        headers["Set-Cookie"] = set_cookie(store_id, "", store.cookie)
    return Response(status_code=204, headers=headers)
