"""Links to carts: shared ones, which show a cart to others until they expire or are revoked, and copies of those.

Recovery links are read in `reads`; here they are revoked.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json

from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, identities, links, prices
from services.cart.db.audit import audit
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context, no_cart_yet
from services.cart.domain.cart_json import CartView, cart_view, empty_view, etag
from services.cart.domain.copy_cart import CopiedLine, copy_lines
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import Limits, LimitsOf, widest
from services.cart.domain.links import Goods, goods_of, open_shared
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import SHARE_VALIDITY, Share
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.publisher import Committed


@dataclass(frozen=True, slots=True)
class SharedCart:
    """What a link shows of a cart, and until when."""

    goods: Goods
    expires_at: datetime


class LinkHandlers:
    """What a shopper shows to others, and takes over from them."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest) -> None:
        self._pool, self._clock, self._committed, self._limits = pool, clock, committed, limits

    async def share(self, shopper: Shopper) -> Share:
        """A link to the cart as it is; nothing is stored. Raises `Refusal` unknown-cart where there is none."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await links.read(connection, shopper)
        if found is None:
            raise Refusal("unknown-cart", "There is no cart to share.")
        cart_id, epoch = found
        return Share(cart_id, self._clock() + SHARE_VALIDITY, epoch)

    async def revoke(self, shopper: Shopper, request: WriteRequest) -> Answer:
        """Makes every link to the shopper's cart worthless; where there is no cart there is nothing to do."""
        return (await commit_once(self._pool, request, _revoke_shared_links, shopper)).answer

    async def revoke_links(self, store_id: str, cart_id: UUID, request: WriteRequest) -> Answer:
        """Makes the recovery links of a cart that are out worthless. Raises `Refusal` unknown-cart."""
        result = await commit_once(self._pool, request, self._revoke_recovery_links, store_id, cart_id, request)
        self._committed()
        return result.answer

    async def _revoke_recovery_links(
        self, connection: Connection, store_id: str, cart_id: UUID, request: WriteRequest
    ) -> Result:
        if not await carts.revoke_links(connection, store_id, cart_id):
            raise Refusal("unknown-cart", "The store has no such cart.")
        await audit(connection, request, "links.revoked", f"cart:{cart_id}", self._clock())
        return Result(Answer(b"", 204))

    async def show(self, link: Share) -> SharedCart:
        """The cart of a genuine link. Raises `Refusal`: unknown-link, and what `open_shared` refuses."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            row = await links.read_by_id(connection, link.cart_id)
        if row is None:
            raise Refusal("unknown-link", "This link leads to no cart.")
        cart = open_shared(link, carts.cart_of(row), row["share_epoch"], self._clock())
        return SharedCart(goods_of(cart, self._limits(cart.store_id)), link.expires_at)

    async def copy(self, shopper: Shopper, link: Share, request: WriteRequest) -> Answer:
        """Adds the lines of a shared cart to the shopper's own, and tells what became of each.

        Raises `Refusal`: unknown-link, and what `open_shared` refuses.
        """
        context, limits = request.context(self._clock), self._limits(shopper.store_id)
        result = await commit_once(self._pool, request, _copy, shopper, link, request, context=context, limits=limits)
        self._committed(shopper)
        return result.answer


async def _revoke_shared_links(connection: Connection, shopper: Shopper) -> Result:
    await links.revoke(connection, shopper)
    return Result(Answer(b"", 204))


async def _copy(
    connection: Connection, shopper: Shopper, link: Share, request: WriteRequest, context: Context, limits: Limits
) -> Result:
    row = await links.read_by_id(connection, link.cart_id)
    if row is None or row["store_id"] != shopper.store_id:
        raise Refusal("unknown-link", "This link leads to no cart.")
    theirs = open_shared(link, carts.cart_of(row), row["share_epoch"], context.now)
    owner = await identities.acting(connection, shopper)
    locked = await carts.lock_active(connection, owner.store_id, owner.customer_id, owner.token_hash)
    own = locked[0] if locked else None
    request.insist(etag(own.cart_id if own else None, own.version if own else 0))
    before = own or no_cart_yet(owner.store_id, owner.customer_id, context)
    shared = theirs.lines if limits.prices == "told" else ()
    told = await prices.told_of_lines(connection, owner.store_id, theirs.currency, shared)
    change, lines = copy_lines(before, theirs, context, limits, told)
    if change is None:
        return _result(cart_view(own) if own else empty_view(owner.store_id, owner.customer_id), lines)
    if own is None:
        await carts.insert(connection, change.cart, owner)
    else:
        await carts.save(connection, change.cart)
    await append(connection, [change.event], SOURCE)
    return _result(cart_view(change.cart).with_notices(change.notices), lines)


def _result(view: CartView, lines: list[CopiedLine]) -> Result:
    return Result(Answer(b'{"cart":%s,"lines":%s}' % (view.json(), to_json(lines)), 200, view.etag))
