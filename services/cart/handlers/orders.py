"""Orders: what they took is closed, what they left lives on, and reminders end, in one transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic_core import from_json, to_json

from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, erasures, identities, orders, reservations
from services.cart.db.order_carts import silence
from services.cart.db.orders import StoredOrder
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.place import Beside, Known, Placed, at_odds, place
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import customer_mark
from services.cart.handlers import order_carts
from services.cart.handlers.fulfilment import tell_waiting
from services.cart.handlers.reopening import TermsOf, plainest
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.names import Changed
from services.cart.live.publisher import Committed

REMEMBERED = 50
"""Other payloads of one order that are known to be the same: more than systems that tell of it."""


class OrderHandlers:
    """Takes the orders that a store's servers tell of. `committed` is called when something may be in the outbox;
    `secret` hashes names of customers.
    """

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        committed: Committed,
        secret: bytes,
        terms: TermsOf = plainest,
        *,
        older_secrets: Sequence[bytes] = (),
    ) -> None:
        self._pool, self._clock, self._committed, self._terms = pool, clock, committed, terms
        self._secrets = (secret, *older_secrets)

    async def place_order(
        self, store_id: str, given: PlaceOrder, token_hash: bytes | None, request: WriteRequest
    ) -> Answer:
        """Accepts an order and closes the carts that it names; the same order again is the same order.

        Where it is told again with more (another system knows the guest's token), the carts that only this names are
        closed as they were then. Raises `Refusal` order-conflict where both name something and it is not the same.
        """
        result = await commit_once(self._pool, request, self._place, store_id, given, token_hash, request)
        self._committed(*_named(store_id, given, token_hash), *result.changed)
        return result.answer

    async def _place(
        self, connection: Connection, store_id: str, given: PlaceOrder, token_hash: bytes | None, request: WriteRequest
    ) -> Result:
        payload = hashlib.sha256(given.model_dump_json().encode()).digest()
        order = await _by_its_customer(connection, store_id, given)
        await orders.take_turn(connection, store_id, order.order_id)
        known = await orders.lock(connection, store_id, order.order_id)
        if await self._is_of_somebody_erased(connection, store_id, order, known):
            order = order.model_copy(update={"customer_id": None})
        told = Told(order, token_hash, payload)
        if known is None:
            accepted = await self._accept(connection, store_id, told, request)
        elif payload in (known.fingerprint, *known.also):
            return Result(_answer(known, 200))
        else:
            accepted = await self._learn(connection, known, told, request)
        return Result(_answer(accepted, 201 if known is None else 200), accepted.closed_carts)

    async def _is_of_somebody_erased(
        self, connection: Connection, store_id: str, order: PlaceOrder, known: StoredOrder | None
    ) -> bool:
        """Whether it was placed before its customer was erased, however late it comes or comes again."""
        placed_at = known.placed_at if known else order.placed_at
        if order.customer_id is None or placed_at is None:
            return False
        for secret in self._secrets:
            mark = customer_mark(secret, store_id, order.customer_id)
            until = await erasures.erased_until(connection, store_id, mark)
            if until is not None and placed_at <= until:
                return True
        return False

    async def _accept(self, connection: Connection, store_id: str, told: "Told", request: WriteRequest) -> StoredOrder:
        """An order of which nobody had told."""
        found = await order_carts.hold(connection, store_id, told.order, told.token_hash)
        order = found.order
        context = request.context(self._clock)
        beside = Beside(found.others, found.mismatches)
        placed = place(order, store_id, found.takes_from, context, found.merged, beside)
        await save(connection, placed, order.order_id)
        accepted = _stored(store_id, told, placed, context)
        await orders.insert(connection, accepted)
        await append(connection, placed.events, SOURCE)
        await tell_waiting(connection, accepted, context, self._terms)
        return accepted

    async def _learn(
        self, connection: Connection, known: StoredOrder, told: "Told", request: WriteRequest
    ) -> StoredOrder:
        """A known order of which somebody tells something else: more, or what contradicts it."""
        order = told.order
        before = Known(known.customer_id, known.currency, known.total, known.units)
        if field := at_odds(before, order):
            raise Refusal("order-conflict", f"This order_id came with another {field} before.", field=field)
        customer_id = order.customer_id or known.customer_id
        late = order.model_copy(update={"placed_at": known.placed_at, "customer_id": customer_id})
        again = known.customer_id is not None
        found = await order_carts.hold(connection, known.store_id, late, told.token_hash, again=again)
        settled = (*known.closed_carts, *known.next_carts)
        fresh = [cart for cart in found.takes_from if cart.cart_id not in settled]
        context = request.context(self._clock)
        beside = Beside(found.others, found.mismatches, known.awaited if known.units else None)
        placed = place(found.order, known.store_id, fresh, context, found.merged, beside)
        await save(connection, placed, order.order_id)
        learned = _learned(known, told, placed)
        await orders.update(connection, learned)
        await append(connection, placed.of_carts, SOURCE)
        return learned


@dataclass(frozen=True, slots=True)
class Told:
    """What a call says of an order: under the name by which its customer's carts are kept, with the hash of the guest's
    token that came along and that of the whole payload.
    """

    order: PlaceOrder
    token_hash: bytes | None
    payload: bytes


async def save(connection: Connection, placed: Placed, order_id: str) -> None:
    """Writes the carts that an order closes and those that follow them."""
    for change in placed.closed:
        await carts.save(connection, change.cart, order_id=order_id)
    for following in placed.following:
        await carts.insert_after(connection, following.cart, following.follows)
    for since in {change.cart.silent_since for change in placed.silenced if change.cart.silent_since}:
        await silence(connection, [change.cart.cart_id for change in placed.silenced], since)
    bought = [(one.cart.cart_id, sku, units) for one in placed.closed for sku, units in one.cart.holds().items()]
    if bought:
        await reservations.ordered(connection, bought)


async def _by_its_customer(connection: Connection, store_id: str, order: PlaceOrder) -> PlaceOrder:
    """The order under the name by which the customer's carts are kept."""
    if order.customer_id is None:
        return order
    return order.model_copy(update={"customer_id": await identities.resolve(connection, store_id, order.customer_id)})


def _named(store_id: str, order: PlaceOrder, token_hash: bytes | None) -> list[Changed]:
    """Whose carts an order may have closed."""
    customer = [Shopper(store_id, customer_id=order.customer_id)] if order.customer_id else []
    guest = [Shopper(store_id, token_hash=token_hash)] if token_hash else []
    return [*customer, *guest, *([order.cart_id] if order.cart_id else [])]


def _stored(store_id: str, told: Told, placed: Placed, context: Context) -> StoredOrder:
    order = told.order
    return StoredOrder(
        store_id=store_id,
        order_id=order.order_id,
        fingerprint=told.payload,
        closed_carts=placed.closed_ids,
        next_carts=placed.next_ids,
        mismatches=to_json(placed.mismatches),
        placed_at=min(order.placed_at or context.now, context.now),
        customer_id=order.customer_id,
        currency=order.currency,
        total=order.total,
        cart_id=placed.order.cart_id,
        units=order.units(),
        awaited=placed.awaited,
    )


def _learned(known: StoredOrder, told: Told, placed: Placed) -> StoredOrder:
    """What is known of an order that was told again. Whose it was may have been erased for good: only a cart says."""
    order = told.order
    mismatches = [*from_json(known.mismatches), *placed.mismatches]
    found = placed.bought()
    awaited = {sku: units - found.get(sku, 0) for sku, units in known.awaited.items() if units > found.get(sku, 0)}
    return replace(
        known,
        customer_id=known.customer_id or (order.customer_id if placed.closed else None),
        currency=known.currency or order.currency,
        total=order.total if known.total is None else known.total,
        closed_carts=(*known.closed_carts, *placed.closed_ids),
        next_carts=(*known.next_carts, *placed.next_ids),
        mismatches=to_json(mismatches),
        units=known.units or order.units(),
        awaited=awaited,
        also=(*known.also, told.payload)[-REMEMBERED:],
    )


def _answer(order: StoredOrder, status: int) -> Answer:
    carts_named = {"order_id": order.order_id, "closed_carts": order.closed_carts, "next_carts": order.next_carts}
    return Answer(b'%s,"mismatches":%s}' % (to_json(carts_named)[:-1], order.mismatches), status)
