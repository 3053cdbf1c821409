"""Reservations of whole carts, made and released by shoppers at the checkout or by the store's servers."""

from uuid import UUID

from pydantic_core import to_json

from libs.postgres.pool import Connection, Pool
from services.cart.db import carts, identities, reservations
from services.cart.domain.cart import Cart
from services.cart.domain.cart_json import etag
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.stock.reservations import share_out, units_of
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.names import goods
from services.cart.live.publisher import Committed

Whose = Shopper | UUID
"""The cart of a shopper, or (for a server) the cart of this id."""


class ReservationHandlers:
    """Holds units back for carts. `committed` is called with the goods of which others may now have more or less."""

    def __init__(self, pool: Pool, committed: Committed) -> None:
        self._pool, self._committed = pool, committed

    async def reserve(self, whose: Whose, minutes: int, request: WriteRequest) -> Answer:
        """Holds back what is in the cart, as far as it is there, for `minutes` from now; again begins anew.

        Raises `Refusal`: reservations-off where a store has none (0 minutes), unknown-cart, version-conflict.
        """
        if minutes <= 0:
            raise Refusal("reservations-off", "This store holds nothing back.")
        result = await commit_once(self._pool, request, _reserve, whose, minutes, request)
        self._committed(*result.changed)
        return result.answer

    async def release(self, whose: Whose, request: WriteRequest) -> Answer:
        """Lets go what is held back for the cart; nothing is no error. Raises `Refusal` unknown-cart."""
        result = await commit_once(self._pool, request, _release, whose, request)
        self._committed(*result.changed)
        return result.answer


async def _reserve(connection: Connection, whose: Whose, minutes: int, request: WriteRequest) -> Result:
    cart = await _lock_cart(connection, whose, request)
    if cart is None:
        return Result(Answer(to_json({"cart_id": None, "version": 0, "expires_at": None, "lines": []})))
    skus = sorted(cart.holds())
    await reservations.lock_levels(connection, cart.store_id, skus)
    free = await reservations.free(connection, cart.store_id, skus, [cart.cart_id])
    shared = share_out(cart.lines, free)
    units = units_of(shared, free)
    let_go = await reservations.fit(connection, cart.cart_id, units)
    until = await reservations.reserve(connection, cart.store_id, cart.cart_id, units, minutes)
    body = {"cart_id": cart.cart_id, "version": cart.version, "expires_at": until, "lines": shared}
    return Result(Answer(to_json(body)), goods(request.store_id, list({*units, *let_go})))


async def _release(connection: Connection, whose: Whose, request: WriteRequest) -> Result:
    cart = await _lock_cart(connection, whose, request)
    let_go = await reservations.fit(connection, cart.cart_id, {}) if cart else []
    return Result(Answer(b"", 204), goods(request.store_id, let_go))


async def _lock_cart(connection: Connection, whose: Whose, request: WriteRequest) -> Cart | None:
    """The open cart, held until the transaction ends; None where a shopper has none."""
    if isinstance(whose, Shopper):
        owner = await identities.acting(connection, whose)
        found = await carts.lock_active(connection, whose.store_id, owner.customer_id, owner.token_hash)
    else:
        found = await carts.lock_active(connection, request.store_id, None, None, [whose])
        if not found:
            raise Refusal("unknown-cart", "The store has no such open cart.")
    cart = found[0] if found else None
    request.insist(etag(cart.cart_id, cart.version) if cart else etag(None, 0))
    return cart
