"""Orders: what was answered to them, so that the same order again is the same order."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection

READ = """
SELECT fingerprint, closed_carts, next_carts, mismatches, placed_at, customer_id, currency, total
FROM orders WHERE store_id = $1 AND order_id = $2
"""
INSERT = """
INSERT INTO orders (store_id, order_id, fingerprint, customer_id, currency, total, closed_carts, next_carts, mismatches,
    placed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order that was accepted: SHA-256 of its payload, the carts that it closed and those that follow them.

    `mismatches` is the JSON array of what did not agree with the carts.
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


async def read(connection: Connection, store_id: str, order_id: str) -> StoredOrder | None:
    """An order that was accepted before."""
    row = await connection.fetchrow(READ, store_id, order_id)
    if row is None:
        return None
    return StoredOrder(
        store_id,
        order_id,
        row["fingerprint"],
        tuple(row["closed_carts"]),
        tuple(row["next_carts"]),
        row["mismatches"].encode(),
        row["placed_at"],
        row["customer_id"],
        row["currency"],
        row["total"],
    )


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
    )
