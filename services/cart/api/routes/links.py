"""Endpoints of shared carts: a link that anybody may open, and a copy into one's own cart."""

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.errors import problem_of
from services.cart.api.openapi.answers import answers, nothing, takes
from services.cart.api.replies import JSON, reply, reply_to_link
from services.cart.api.request import parsed
from services.cart.api.routes.shoppers import LINK
from services.cart.api.schemas.cart import CopyAnswer, ShareAnswer, SharedCartAnswer
from services.cart.domain.commands import CopyCart
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_BODY
from services.cart.domain.tokens import ForgedError, Share, issue_share_token, read_share_token

CART = "/v1/stores/{store_id}/cart"


def sharing_routes(services: Services) -> APIRouter:
    """Sharing, revoking, looking at and copying a shared cart."""
    router = APIRouter(tags=["shoppers"])

    @router.post(CART + "/share", status_code=201, responses=answers(ShareAnswer, 201, "unknown-cart"))
    async def share_cart(request: Request, store_id: str) -> Response:
        """A link that shows this cart to whoever holds it, read-only, until it expires or is revoked."""
        link = await services.sharing.share(services.shopper(request, store_id))
        token = issue_share_token(services.token_secret, link)
        template = services.store(store_id).share_url
        url = None if template is None else template.replace("{token}", token)
        body = {"share_token": token, "url": url, "expires_at": link.expires_at.replace(microsecond=0)}
        return Response(to_json(body), 201, {"Cache-Control": "no-store"}, media_type=JSON)

    @router.delete(CART + "/share", status_code=204, responses=nothing())
    async def revoke_shared_links(request: Request, store_id: str) -> Response:
        """Makes every link to this cart that is out worthless."""
        shopper = services.shopper(request, store_id)
        return reply(await services.sharing.revoke(shopper, services.intents.of(request, store_id, shopper.caller)))

    @router.get("/v1/shared/{token}", responses=answers(SharedCartAnswer, 200, *LINK))
    async def read_shared_cart(token: str) -> Response:
        """The cart of a shared link as it is now: its goods, and nothing of whose they are."""
        found = await services.sharing.show(_link(services, token))
        return reply_to_link(found.goods, shared=True, expires_at=found.expires_at)

    @router.post(
        CART + "/copy",
        responses=answers(CopyAnswer, 200, *LINK),
        openapi_extra=takes(CopyCart),
    )
    async def copy_cart(request: Request, store_id: str) -> Response:
        """Adds the lines of a shared cart to one's own, as if by hand, and tells what became of each."""
        shopper = services.shopper(request, store_id)
        body = await parsed(request, CopyCart, MAX_BODY)
        intent = services.intents.of(request, store_id, shopper.caller, body)
        return reply(await services.sharing.copy(shopper, _link(services, body.share_token), intent))

    return router


def _link(services: Services, token: str) -> Share:
    try:
        return read_share_token(services.token_secret, token)
    except ForgedError:
        raise problem_of(Refusal("unknown-link", "This link leads to no cart.")) from None
