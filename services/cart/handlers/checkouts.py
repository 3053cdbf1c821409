"""Servers that tell of a checkout: shoppers tell of theirs as of all that they do (`carts.py`)."""

from dataclasses import replace
from uuid import UUID

from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts
from services.cart.db.save_cart import SOURCE
from services.cart.domain import checkouts
from services.cart.domain.cart_json import cart_view, etag
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, WriteRequest, about_cart
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.publisher import Committed


class CheckoutHandlers:
    """Checkouts of carts. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def start(self, cart_id: UUID, request: WriteRequest) -> Answer:
        """The open cart in checkout with the goods that are in it; as it is where that is known.

        Raises `Refusal`: unknown-cart, version-conflict.
        """
        request = replace(request, about=about_cart(cart_id))
        result = await commit_once(self._pool, request, self._start, cart_id, request)
        self._committed(*result.changed)
        return result.answer

    async def _start(self, connection: Connection, cart_id: UUID, request: WriteRequest) -> Result:
        locked = await carts.lock_active(connection, request.store_id, None, None, [cart_id])
        if not locked:
            raise Refusal("unknown-cart", "The store has no such cart that is open.")
        (cart,) = locked
        request.insist(etag(cart.cart_id, cart.version))
        change = checkouts.start(cart, request.context(self._clock))
        if change is not None:
            await carts.save(connection, change.cart)
            await append(connection, [change.event], SOURCE)
        view = cart_view(change.cart if change else cart)
        return Result(Answer(view.json(), 200, view.etag), [cart_id] if change else ())
