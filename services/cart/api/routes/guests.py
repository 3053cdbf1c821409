"""Endpoints of guests: a token, which the browser may be told to forget, and an address to be written to."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from libs.http.problems import Problem
from services.cart.api.body import json_body
from services.cart.api.deps import (
    CalledStore,
    CallingShopper,
    ShopperCall,
    StoreAuthenticator,
    TokenSecret,
    new_guest,
    storefront,
)
from services.cart.api.errors import problem_of
from services.cart.api.handler_deps import GuestContacts
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import CART
from services.cart.api.replies import JSON, SECRET, reply
from services.cart.api.schemas.cart import GuestToken
from services.cart.api.services import services_of
from services.cart.auth.challenges import origin_not_allowed
from services.cart.auth.cookies import set_cookie
from services.cart.domain.customers.guest_contact import GuestContact, Left
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_BODY
from services.cart.domain.shopper import Shopper
from services.cart.domain.store import Store
from services.cart.domain.tokens import issue_guest_token

router = APIRouter(prefix=CART, tags=["shoppers"])


@router.post("/token", status_code=201, responses=answers(GuestToken, 201), dependencies=[Depends(new_guest)])
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


@router.delete("/token", status_code=204, responses=nothing(), dependencies=[Depends(storefront)])
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


@router.put("/contact", status_code=204, responses=nothing("unknown-cart", "guest-contacts-off"))
async def leave_contact(
    request: Request,
    shopper: CallingShopper,
    body: Annotated[GuestContact, json_body(GuestContact, MAX_BODY)],
    call: ShopperCall,
    store: CalledStore,
    guests: GuestContacts,
) -> Response:
    """Keeps where a guest may be written to about the cart, once the form is sent, with the words that were agreed to.
    Whoever has the address is asked first where store or country wants that, and for texts and chats always. The
    answer says nothing of whom it is about. At a log-in it becomes the customer's, where nothing is known of them.
    """
    left = left_by(request, shopper, body, store)
    return reply(await guests.leave(shopper, left, call.write_request(shopper.caller, body)))


def left_by(request: Request, shopper: Shopper, given: GuestContact, store: Store) -> Left:
    """What a guest leaves, counted. Raises `Problem` 403 for a customer and where the store takes none, 429."""
    if store.guest_contacts == "off":
        raise problem_of(Refusal("guest-contacts-off", "The store takes no addresses of guests."))
    if shopper.token_hash is None:
        raise Problem(403, "forbidden", "A customer's address is told by the store's servers.")
    addresses = list(dict.fromkeys(given.addresses().values()))  # a number by text and by chat is one person
    services = services_of(request)
    services.callers.guest_contact(request, shopper.store_id, addresses)
    page = request.headers.get("origin", "")[:200] or None
    return Left(given, page, store.guest_contacts, store.locale, store.time_zone, services.opt_ins)
