"""Orders: what they took is closed, what they left lives on, in one transaction."""

import hashlib
from uuid import UUID

from pydantic_core import to_json

from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.announcing import Committed
from services.cart.cart import Cart, Moment
from services.cart.identity import Shopper
from services.cart.intent import Answer, Intent
from services.cart.names import Changed
from services.cart.once import once
from services.cart.orders import Placed, place
from services.cart.purchases import PlaceOrder
from services.cart.refusals import Refusal
from services.cart.store import carts, identities, orders
from services.cart.store.swap import SOURCE


class Ordering:
    """Takes the orders that a store's servers tell of. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def place_order(self, store_id: str, given: PlaceOrder, token_hash: bytes | None, intent: Intent) -> Answer:
        """Accepts an order and closes the carts that it names; the same order again is the same order.

        Raises `Refusal` order-conflict when the order id came with another payload before.
        """
        payload = hashlib.sha256(given.model_dump_json().encode()).digest()

        async def work(connection: Connection) -> Answer:
            order = await _by_its_customer(connection, store_id, given)
            if known := await orders.read(connection, store_id, order.order_id):
                if known.fingerprint != payload:
                    raise Refusal("order-conflict", "This order_id came with another order before.")
                return _answer(known, 200)
            cart_id, merged = await _followed(connection, store_id, order)
            brought = await carts.lock_brought(connection, store_id, order.customer_id, token_hash, cart_id)
            moment = Moment(intent.occurred_at or self._clock(), intent.device)
            placed = place(order, store_id, brought, moment, merged)
            for change in placed.closed:
                await carts.save(connection, change.cart, order_id=order.order_id)
            for following in placed.following:
                await carts.insert_after(connection, following.cart, following.follows)
            accepted = _stored(store_id, order, payload, placed, moment)
            await orders.insert(connection, accepted)
            await append(connection, placed.events, SOURCE)
            return _answer(accepted, 201)

        answer = await once(self._pool, intent, work)
        self._committed(*_named(store_id, given, token_hash))
        return answer


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


async def _followed(connection: Connection, store_id: str, order: PlaceOrder) -> tuple[UUID | None, Cart | None]:
    """The cart that the order names, or the one it was merged into: the goods are there, and so is the reminder.

    With the latter comes the cart that was merged, as it was closed.
    """
    row = await carts.read_by_id(connection, order.cart_id) if order.cart_id else None
    if row is None or row["store_id"] != store_id or row["status"] != "merged":
        return order.cart_id, None
    into = await carts.read_by_id(connection, row["merged_into"])
    others = into is not None and order.customer_id not in (None, into["customer_id"])
    return (order.cart_id, None) if into is None or others else (into["cart_id"], carts.cart_of(row))


def _stored(store_id: str, order: PlaceOrder, payload: bytes, placed: Placed, moment: Moment) -> orders.StoredOrder:
    return orders.StoredOrder(
        store_id,
        order.order_id,
        payload,
        placed.closed_ids,
        placed.next_ids,
        to_json(placed.mismatches),
        moment.now,
        order.customer_id,
        order.currency,
        order.total,
    )


def _answer(order: orders.StoredOrder, status: int) -> Answer:
    carts_named = {"order_id": order.order_id, "closed_carts": order.closed_carts, "next_carts": order.next_carts}
    return Answer(b'%s,"mismatches":%s}' % (to_json(carts_named)[:-1], order.mismatches), status)
