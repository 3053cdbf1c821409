"""Endpoints by which a store's servers look at carts, opened by a secret key."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic_core import to_json
from starlette.responses import Response

from libs.http import paging
from libs.http.paging import page_of
from services.cart.api.body import json_body
from services.cart.api.deps import CalledStore, CartCall, ServerCall, TokenSecret, server
from services.cart.api.errors import problem_of
from services.cart.api.handler_deps import LinePrices, Links, Reads
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import NO_CONTROLS, STORE
from services.cart.api.replies import reply, reply_json, reply_secret
from services.cart.api.schemas.cart import Cart, CartPage
from services.cart.api.schemas.looks import CartIds, CartSnapshot, CartSnapshots
from services.cart.domain.commands import LinePrice
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import CARTS_PAGE, MAX_BODY, MAX_SERVER_BODY
from services.cart.domain.store import Store
from services.cart.domain.tokens import issue_recovery_token
from services.cart.handlers.reads import LastLook

router = APIRouter(prefix=STORE + "/carts", tags=["servers"])


@router.get("/{cart_id}", responses=answers(CartSnapshot, 200, "unknown-cart"), dependencies=[server("looks:read")])
async def look_at_cart(
    store_id: str, cart_id: UUID, store: CalledStore, token_secret: TokenSecret, reads: Reads
) -> Response:
    """The last look: a cart as it is, what a reminder of it has to be true to, the levels of its skus (null where
    unknown), whether its customer may be written to now (null without a profile), a fresh recovery link.
    """
    looks = await reads.last_looks(store_id, [cart_id])
    if not looks:
        raise problem_of(Refusal("unknown-cart", "The store has no such cart."))
    return reply_secret(_told(looks[0], store, token_secret))


@router.post(":look", responses=answers(CartSnapshots, 200))
async def look_at_carts(
    store_id: str,
    _: Annotated[str, server("looks:read")],
    body: Annotated[CartIds, json_body(CartIds, MAX_BODY)],
    store: CalledStore,
    token_secret: TokenSecret,
    reads: Reads,
) -> Response:
    """The last look at up to 100 carts at once, each as `GET /carts/{cart_id}` shows it. Nothing is changed by it."""
    looks = await reads.last_looks(store_id, body.cart_ids)
    return reply_secret(b'{"looks":[%s]}' % b",".join(_told(look, store, token_secret) for look in looks))


@router.get("", responses=answers(CartPage, 200), dependencies=[server("carts:read")])
async def list_carts(
    store_id: str,
    reads: Reads,
    customer_id: Annotated[str, Query(min_length=1, max_length=200, pattern=NO_CONTROLS)],
    after: Annotated[UUID | None, paging.after()] = None,
    limit: Annotated[int, paging.limit(CARTS_PAGE)] = CARTS_PAGE,
) -> Response:
    """A customer's carts in whatever state, newest first."""
    carts, following = page_of(
        await reads.carts_of(store_id, customer_id, after, limit + 1), limit, lambda cart: str(cart.cart_id)
    )
    return reply_json(b'{"carts":[%s],"next":%s}' % (b",".join(cart.json() for cart in carts), to_json(following)))


@router.delete("/{cart_id}/recovery", status_code=204, responses=nothing("unknown-cart"))
async def revoke_recovery_links(
    store_id: str, cart_id: UUID, caller: Annotated[str, server("carts:write")], call: ServerCall, links: Links
) -> Response:
    """Makes every recovery link of the cart that is out worthless."""
    return reply(await links.revoke_links(store_id, cart_id, call.write_request(caller)))


@router.put(
    "/{cart_id}/lines/{line_id}/price",
    responses=answers(Cart, 200, "unknown-cart", "unknown-line", "currency-mismatch", "limit-reached"),
)
async def set_line_price(
    cart_id: UUID,
    line_id: UUID,
    caller: Annotated[str, server("prices:write")],
    body: Annotated[LinePrice, json_body(LinePrice, MAX_SERVER_BODY)],
    call: CartCall,
    prices: LinePrices,
) -> Response:
    """Sets what a unit of a line in an open cart costs, as for an offer: neither pages nor told prices change it. Null
    lets them say it again.
    """
    return reply(await prices.set_of_line(cart_id, line_id, body, call.write_request(caller, body)))


def _told(look: LastLook, store: Store, token_secret: bytes) -> bytes:
    """A look as JSON, with a link of its own."""
    url = store.recovery_url.replace("{token}", issue_recovery_token(token_secret, look.link))
    reminders = {"goods_version": look.goods_version, "silent_since": look.silent_since}
    rest = to_json(reminders | {"recipient_id": look.recipient_id, "recovery_url": url, "as_of": look.as_of})
    levels = (look.inventory.encode(), look.prices.encode())
    told = (look.cart.json(), *levels, look.recipient.encode(), rest[1:])
    return b'{"cart":%s,"inventory":%s,"prices":%s,"recipient":%s,%s' % told
