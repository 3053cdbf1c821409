"""Servers that set what a line of a cart costs."""

from dataclasses import replace
from uuid import UUID

from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, prices
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Cart
from services.cart.domain.cart_json import cart_view, etag
from services.cart.domain.commands import LinePrice
from services.cart.domain.errors import Refusal
from services.cart.domain.prices import set_price
from services.cart.domain.request import Answer, WriteRequest, about_cart
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.publisher import Committed


class PriceHandlers:
    """Prices of single lines. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def set_of_line(self, cart_id: UUID, line_id: UUID, price: LinePrice, request: WriteRequest) -> Answer:
        """The open cart with the price of a line as a server says, until it says otherwise.

        Raises `Refusal`: unknown-cart, unknown-line, currency-mismatch, limit-reached, version-conflict.
        """
        request = replace(request, about=about_cart(cart_id))
        result = await commit_once(self._pool, request, self._set_of_line, cart_id, line_id, price, request)
        self._committed(*result.changed)
        return result.answer

    async def _set_of_line(
        self, connection: Connection, cart_id: UUID, line_id: UUID, price: LinePrice, request: WriteRequest
    ) -> Result:
        locked = await carts.lock_active(connection, request.store_id, None, None, [cart_id])
        if not locked:
            raise Refusal("unknown-cart", "The store has no such cart that is open.")
        (cart,) = locked
        request.insist(etag(cart.cart_id, cart.version))
        lines = [line for line in cart.lines if line.line_id == line_id]
        told = await prices.told_of_lines(connection, cart.store_id, cart.currency, lines)
        context = request.context(self._clock)
        change = set_price(cart, line_id, price.price, price.currency, context, told.get(line_id))
        if change is None:
            return Result(_answer(cart))
        await carts.save(connection, change.cart)
        await append(connection, [change.event], SOURCE)
        return Result(_answer(change.cart), [cart_id])


def _answer(cart: Cart) -> Answer:
    """A server's answer is kept whole, unlike that to a shopper's command."""
    view = cart_view(cart)
    return Answer(view.json(), 200, view.etag)
