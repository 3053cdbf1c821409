"""Orders: what they took is closed, what they left lives on, and reminders end, in one transaction."""

import hashlib
from collections.abc import Sequence

from pydantic_core import to_json

from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import erasures, identities
from services.cart.db.orders import orders
from services.cart.db.orders.orders import StoredOrder
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.place import Beside, Placed, place
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import customer_mark
from services.cart.handlers.ended_watches import end_ordered, recipient_of
from services.cart.handlers.guest_contacts import hand_over, hand_over_of_token
from services.cart.handlers.orders import order_carts
from services.cart.handlers.orders.fulfilment import tell_waiting
from services.cart.handlers.orders.orders_again import Told, learn, over_and_placed_anew, place_anew
from services.cart.handlers.orders.reopening import TermsOf, plainest
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.names import Changed, goods
from services.cart.live.publisher import Committed


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
        closed as they were then; after it came to nothing it may be placed anew. Raises `Refusal` order-conflict where
        both name something and it is not the same.
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
        told, context = Told(order, token_hash, payload), request.context(self._clock)
        if known is None:
            return await self._accept(connection, store_id, told, context)
        if (over_at := await over_and_placed_anew(connection, known, order)) is not None:
            accepted, held = await place_anew(connection, known, told, over_at, context)
        elif payload in (known.fingerprint, *known.also):
            return Result(_answer(known, 200))
        else:
            accepted, held = await learn(connection, known, told, context)
        return Result(_answer(accepted, 200), [*accepted.closed_carts, *goods(store_id, held)])

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

    async def _accept(self, connection: Connection, store_id: str, told: Told, context: Context) -> Result:
        """An order of which nobody had told."""
        found = await order_carts.hold(connection, store_id, told.order, told.token_hash)
        beside = Beside(found.others, found.mismatches)
        placed = place(found.order, store_id, found.takes_from, context, found.merged, beside)
        held = await order_carts.save(connection, placed, told.order.order_id)
        accepted = _stored(store_id, told, placed, context)
        await orders.insert(connection, accepted)
        await append(connection, placed.events, SOURCE)
        guests = {cart.recipient_id for cart in found.takes_from if cart.recipient_id is not None}
        if told.order.customer_id is not None:
            for recipient_id in guests:
                await hand_over(connection, store_id, recipient_id, told.order.customer_id, context)
            await hand_over_of_token(connection, store_id, told.token_hash, told.order.customer_id, context)
        elif told.token_hash and (waiting := await recipient_of(connection, store_id, told.token_hash)):
            guests.add(waiting)
        await end_ordered(connection, placed.order, guests)
        reopened = await tell_waiting(connection, accepted, context, self._terms)
        return Result(_answer(accepted, 201), [*accepted.closed_carts, *goods(store_id, held), *reopened])


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
        channel=order.channel,
        prices=order.prices(),
    )


def _answer(order: StoredOrder, status: int) -> Answer:
    carts_named = {"order_id": order.order_id, "closed_carts": order.closed_carts, "next_carts": order.next_carts}
    return Answer(b'%s,"mismatches":%s}' % (to_json(carts_named)[:-1], order.mismatches), status)
