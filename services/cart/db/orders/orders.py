"""Orders: what was answered to them, so that the same order again is the same order, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json

from libs.postgres.pool import Connection
from services.cart.domain.goods import plain_units
from services.cart.domain.shopper import Shopper

# One order is told by several systems at once, and its updates may come before it: they take turns.
TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0))"
READ = """
SELECT store_id, order_id, fingerprint, closed_carts, next_carts, mismatches, placed_at, customer_id, currency, total,
    cart_id, units, awaited, also, given_back, attempt, reopened, earlier_carts, channel, prices
FROM orders WHERE store_id = $1 AND order_id = $2
"""
LOCK = """
SELECT store_id, order_id, fingerprint, closed_carts, next_carts, mismatches, placed_at, customer_id, currency, total,
    cart_id, units, awaited, also, given_back, attempt, reopened, earlier_carts, channel, prices
FROM orders WHERE store_id = $1 AND order_id = $2 FOR UPDATE
"""
# Whose cart it was: the shopper's, or it was ordered by the shopper; also where it had been merged before.
LOCK_OF_CART = """
SELECT orders.store_id, orders.order_id, fingerprint, closed_carts, next_carts, mismatches, placed_at,
    orders.customer_id, orders.currency, orders.total, orders.cart_id, orders.units, awaited, also, given_back, attempt,
    reopened, earlier_carts, channel, prices
FROM carts JOIN orders ON orders.store_id = carts.store_id AND orders.order_id = carts.order_id
WHERE carts.store_id = $1 AND carts.cart_id IN ($2, (SELECT merged_into FROM carts WHERE cart_id = $2))
  AND carts.status = 'ordered'
  AND ($3 IN (carts.customer_id, orders.customer_id) OR carts.guest_token_hash = $4
    OR coalesce((SELECT customer_id FROM identities WHERE store_id = $1 AND identity = $3), '')
        IN (carts.customer_id, orders.customer_id))
LIMIT 1 FOR UPDATE OF orders
"""
LOCK_AWAITING = """
SELECT store_id, order_id, fingerprint, closed_carts, next_carts, mismatches, placed_at, customer_id, currency, total,
    cart_id, units, awaited, also, given_back, attempt, reopened, earlier_carts, channel, prices
FROM orders WHERE store_id = $1 AND customer_id = $2 AND placed_at > $3 AND awaited <> '{}'
ORDER BY placed_at FOR UPDATE
"""
INSERT = """
INSERT INTO orders (store_id, order_id, fingerprint, customer_id, currency, total, closed_carts, next_carts, mismatches,
    placed_at, cart_id, units, awaited, channel, prices)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13::jsonb, $14, $15::jsonb)
"""
UPDATE = """
UPDATE orders SET customer_id = $3, currency = $4, total = $5, closed_carts = $6, next_carts = $7, mismatches = $8,
    units = $9::jsonb, awaited = $10::jsonb, also = $11, given_back = $12::jsonb, attempt = $13, reopened = $14,
    earlier_carts = $15, placed_at = $16, cart_id = $17, channel = $18, prices = $19::jsonb
WHERE store_id = $1 AND order_id = $2
"""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order that was accepted: SHA-256 of its payload, the carts that it closed and those that follow them.

    `mismatches` is the JSON array of what did not agree with the carts. `units` are what was bought by sku, `awaited`
    those that were in no cart, `given_back` those that are in a cart again. `also` are the hashes of other payloads
    that were the same order. `reopened` are the carts in which its goods are again. `attempt` counts how often it was
    placed anew after that: what is said here is of the newest time, and `earlier_carts` are those of the times before.
    `channel` is a word of the shop's, `prices` are those of a unit by sku, of as many as were told.
    """

    store_id: str
    order_id: str
    fingerprint: bytes
    closed_carts: tuple[UUID, ...]
    next_carts: tuple[UUID, ...]
    mismatches: bytes
    placed_at: datetime
    customer_id: str | None = None
    currency: str | None = None
    total: int | None = None
    cart_id: UUID | None = None
    units: Mapping[str, int] = field(default_factory=dict)
    awaited: Mapping[str, int] = field(default_factory=dict)
    also: tuple[bytes, ...] = ()
    given_back: Mapping[str, int] = field(default_factory=dict)
    attempt: int = 0
    reopened: tuple[UUID, ...] = ()
    earlier_carts: tuple[UUID, ...] = ()
    channel: str | None = None
    prices: Mapping[str, int] = field(default_factory=dict)


async def take_turn(connection: Connection, store_id: str, order_id: str) -> None:
    """Waits until nobody else writes of this order; holds the others up until the caller's transaction ends."""
    await connection.execute(TAKE_TURN, store_id, order_id)


async def read(connection: Connection, store_id: str, order_id: str) -> StoredOrder | None:
    """An order that was accepted before."""
    row = await connection.fetchrow(READ, store_id, order_id)
    return None if row is None else _order(row)


async def lock(connection: Connection, store_id: str, order_id: str) -> StoredOrder | None:
    """An order that was accepted before, held until the caller's transaction ends."""
    row = await connection.fetchrow(LOCK, store_id, order_id)
    return None if row is None else _order(row)


async def lock_of_cart(connection: Connection, shopper: Shopper, cart_id: UUID) -> StoredOrder | None:
    """The order that closed a cart of this shopper, held until the caller's transaction ends."""
    given = (shopper.store_id, cart_id, shopper.customer_id, shopper.token_hash)
    row = await connection.fetchrow(LOCK_OF_CART, *given)
    return None if row is None else _order(row)


async def lock_awaiting(
    connection: Connection, store_id: str, customer_id: str, since: datetime
) -> Sequence[StoredOrder]:
    """A customer's orders since a moment of which no cart knew everything, the oldest first, held."""
    return [_order(row) for row in await connection.fetch(LOCK_AWAITING, store_id, customer_id, since)]


async def insert(connection: Connection, order: StoredOrder) -> None:
    """Records an order. Raises `asyncpg.UniqueViolationError` when it has just been accepted elsewhere."""
    await connection.execute(
        INSERT,
        order.store_id,
        order.order_id,
        order.fingerprint,
        order.customer_id,
        order.currency,
        order.total,
        order.closed_carts,
        order.next_carts,
        order.mismatches.decode(),
        order.placed_at,
        order.cart_id,
        _json(order.units),
        _json(order.awaited),
        order.channel,
        _json(order.prices),
    )


async def update(connection: Connection, order: StoredOrder) -> None:
    """Writes what has been learned of an order that the transaction holds."""
    await connection.execute(
        UPDATE,
        order.store_id,
        order.order_id,
        order.customer_id,
        order.currency,
        order.total,
        order.closed_carts,
        order.next_carts,
        order.mismatches.decode(),
        _json(order.units),
        _json(order.awaited),
        order.also,
        _json(order.given_back),
        order.attempt,
        order.reopened,
        order.earlier_carts,
        order.placed_at,
        order.cart_id,
        order.channel,
        _json(order.prices),
    )


def _order(row: asyncpg.Record) -> StoredOrder:
    return StoredOrder(
        store_id=row["store_id"],
        order_id=row["order_id"],
        fingerprint=row["fingerprint"],
        closed_carts=tuple(row["closed_carts"]),
        next_carts=tuple(row["next_carts"]),
        mismatches=row["mismatches"].encode(),
        placed_at=row["placed_at"],
        customer_id=row["customer_id"],
        currency=row["currency"],
        total=row["total"],
        cart_id=row["cart_id"],
        units=plain_units(from_json(row["units"])),
        awaited=plain_units(from_json(row["awaited"])),
        also=tuple(row["also"]),
        given_back=plain_units(from_json(row["given_back"])),
        attempt=row["attempt"],
        reopened=tuple(row["reopened"]),
        earlier_carts=tuple(row["earlier_carts"]),
        channel=row["channel"],
        prices=from_json(row["prices"]),
    )


def _json(units: Mapping[str, int]) -> str:
    return to_json(units).decode()
