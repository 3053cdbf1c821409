"""Carts that nobody touches any more: found page by page, closed and removed in small batches that wait for nobody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.db.carts import cart_of
from services.cart.domain.cart import Cart

# Nothing is locked here: what looks over is looked at again when it is held.
PAGE = """
SELECT cart_id, customer_id IS NULL AS guest, units = 0 AND jsonb_array_length(saved) = 0 AS empty, updated_at
FROM carts WHERE store_id = $1 AND status = 'active' AND cart_id > $2 ORDER BY cart_id LIMIT $3
"""
LOCK = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, goods_version,
    silent_since, recipient_id, checkout_version
FROM carts WHERE cart_id = ANY ($1::uuid[]) AND status = 'active' ORDER BY cart_id FOR UPDATE SKIP LOCKED
"""
EXPIRE = """
UPDATE carts SET status = 'expired', version = closing.version, updated_at = closing.updated_at
FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS closing (cart_id, version, updated_at)
WHERE carts.cart_id = closing.cart_id AND carts.version = closing.version - 1 AND carts.status = 'active'
"""
# By age of the id: a cart that was made after the bound can't have been closed before it. Those that were closed later,
# or live on, are few among the oldest.
REMOVE = """
DELETE FROM carts WHERE cart_id = ANY (ARRAY(
    SELECT cart_id FROM carts
    WHERE cart_id < $2 AND store_id = $1 AND status <> 'active' AND updated_at < $3
    ORDER BY cart_id LIMIT $4 FOR UPDATE SKIP LOCKED
))
"""


async def page(connection: Connection, store_id: str, after: UUID, limit: int) -> Sequence[asyncpg.Record]:
    """The next active carts of a store in the order of their ids: cart_id, guest, empty, updated_at."""
    return await connection.fetch(PAGE, store_id, after, limit)


async def lock(connection: Connection, cart_ids: Sequence[UUID]) -> Sequence[Cart]:
    """Those of the carts that are active and held by nobody, held until the transaction ends."""
    return [cart_of(row) for row in await connection.fetch(LOCK, cart_ids)]


async def expire(connection: Connection, carts: Sequence[Cart]) -> None:
    """Writes carts that were closed by time; the transaction holds their rows."""
    ids, versions = [cart.cart_id for cart in carts], [cart.version for cart in carts]
    await connection.execute(EXPIRE, ids, versions, [cart.updated_at for cart in carts])


async def remove(connection: Connection, store_id: str, bound: UUID, closed_before: datetime, limit: int) -> int:
    """Removes up to `limit` carts that were closed long ago, of ids below `bound`; returns how many."""
    done = await connection.execute(REMOVE, store_id, bound, closed_before, limit)
    return rows_affected(done)
