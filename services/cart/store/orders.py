"""Orders: what was answered to them, so that the same order again is the same order."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection

READ = "SELECT fingerprint, closed_carts FROM orders WHERE store_id = $1 AND order_id = $2"
INSERT = """
INSERT INTO orders (store_id, order_id, fingerprint, customer_id, currency, total, closed_carts, placed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order that was accepted: SHA-256 of its payload and the carts that it closed."""

    store_id: str
    order_id: str
    fingerprint: bytes
    closed_carts: tuple[UUID, ...]
    placed_at: datetime
    customer_id: str | None = None
    currency: str | None = None
    total: int | None = None


async def read(connection: Connection, store_id: str, order_id: str) -> tuple[bytes, list[UUID]] | None:
    """Fingerprint and closed carts of an order that was accepted before."""
    row = await connection.fetchrow(READ, store_id, order_id)
    return None if row is None else (row["fingerprint"], row["closed_carts"])


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
        order.placed_at,
    )
