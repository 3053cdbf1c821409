"""Endpoints of links to carts: of recovery and shared ones, which anybody may open, and a copy into one's own cart."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.body import json_body
from services.cart.api.deps import CalledStore, CallingShopper, ShopperCall, TokenSecret, plain_call
from services.cart.api.handler_deps import Links, Reads
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import CART
from services.cart.api.replies import reply, reply_secret, reply_to_link
from services.cart.api.request import Call
from services.cart.api.schemas.cart import CopyResult, RecoveredCart, SharedCart, ShareLink
from services.cart.api.services import services_of
from services.cart.domain.commands import CopyCart
from services.cart.domain.limits import MAX_BODY
from services.cart.domain.tokens import Share, issue_share_token, read_recovery_token, read_share_token

T = TypeVar("T")
router = APIRouter(tags=["shoppers"])
SharedToken = Annotated[str, Path(examples=["s1_AZ0c0ffee"])]
WRONG_LINK = ("rate-limited", "unknown-link", "link-expired", "link-revoked", "cart-gone")


@router.get("/v1/recovery/{token}", responses=answers(RecoveredCart, 200, *WRONG_LINK))
async def recover_cart(request: Request, token: str, reads: Reads) -> Response:
    """Opens the cart of a recovery link, on any device: the goods in it as they are now and nothing else, never a
    log-in. `id` and `version` are for the order that the shop's server may take from it.
    """
    link = _read(request, lambda secret: read_recovery_token(secret, token))
    found = await reads.recover(link)
    return reply_to_link(found.goods, id=found.cart_id, version=found.version, recovered=True)


@router.post(CART + "/share", status_code=201, responses=answers(ShareLink, 201, "unknown-cart"))
async def share_cart(shopper: CallingShopper, store: CalledStore, token_secret: TokenSecret, links: Links) -> Response:
    """A link that shows this cart to whoever holds it, read-only, until it expires or is revoked."""
    link = await links.share(shopper)
    token = issue_share_token(token_secret, link)
    url = None if store.share_url is None else store.share_url.replace("{token}", token)
    body = {"share_token": token, "url": url, "expires_at": link.expires_at.replace(microsecond=0)}
    return reply_secret(to_json(body), 201)


@router.delete(CART + "/share", status_code=204, responses=nothing())
async def revoke_shared_links(
    shopper: CallingShopper, call: Annotated[Call, Depends(plain_call)], links: Links
) -> Response:
    """Makes every link to this cart that is out worthless."""
    return reply(await links.revoke(shopper, call.write_request(shopper.caller)))


@router.get("/v1/shared/{token}", responses=answers(SharedCart, 200, *WRONG_LINK))
async def read_shared_cart(request: Request, token: SharedToken, links: Links) -> Response:
    """The cart of a shared link as it is now: its goods, and nothing of whose they are."""
    found = await links.show(_share(request, token))
    return reply_to_link(found.goods, shared=True, expires_at=found.expires_at)


@router.post(CART + "/copy", responses=answers(CopyResult, 200, *WRONG_LINK))
async def copy_cart(
    request: Request,
    shopper: CallingShopper,
    body: Annotated[CopyCart, json_body(CopyCart, MAX_BODY)],
    call: ShopperCall,
    links: Links,
) -> Response:
    """Adds the lines of a shared cart to one's own, as if by hand, and tells what became of each."""
    write = call.write_request(shopper.caller, body)
    return reply(await links.copy(shopper, _share(request, body.share_token), write))


def _share(request: Request, token: str) -> Share:
    return _read(request, lambda secret: read_share_token(secret, token))


def _read(request: Request, read: Callable[[bytes], T]) -> T:
    services = services_of(request)
    return services.callers.link(request, services.token_secrets, read)
