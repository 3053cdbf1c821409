"""What customers looked at. Takes a connection, never commits."""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.views import View

# Two who tell of the same customer at once would take each other's rows in turn.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('views:' || $1 || ':' || $2, 0))"
SAVE = """
INSERT INTO views AS v (store_id, customer_id, sku, title, url, image_url, viewed_at)
SELECT $1, $2, sku, title, url, image_url, $7
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS told (sku, title, url, image_url)
ON CONFLICT (store_id, customer_id, sku) DO UPDATE SET
    title = excluded.title, url = excluded.url, image_url = excluded.image_url,
    viewed_at = greatest(v.viewed_at, excluded.viewed_at)
"""
TRIM = """
DELETE FROM views WHERE store_id = $1 AND customer_id = $2 AND sku = ANY (ARRAY(
    SELECT sku FROM views WHERE store_id = $1 AND customer_id = $2 ORDER BY viewed_at DESC, sku OFFSET $3
))
"""
OF = """
SELECT customer_id, sku, title, url, image_url, viewed_at
FROM views WHERE store_id = $1 AND customer_id = ANY ($2::text[]) ORDER BY viewed_at, customer_id, sku
"""
MOVE = """
WITH old AS (
    DELETE FROM views WHERE store_id = $1 AND customer_id = $2
    RETURNING store_id, sku, title, url, image_url, viewed_at
)
INSERT INTO views AS v (store_id, customer_id, sku, title, url, image_url, viewed_at)
SELECT store_id, $3, sku, title, url, image_url, viewed_at FROM old
ON CONFLICT (store_id, customer_id, sku) DO UPDATE SET viewed_at = greatest(v.viewed_at, excluded.viewed_at)
"""
CLEAR_GOODS = """
DELETE FROM views
WHERE store_id = $1 AND customer_id = $2 AND sku = ANY ($3::text[]) AND ($4::timestamptz IS NULL OR viewed_at <= $4)
"""
CLEAR_ALL = "DELETE FROM views WHERE store_id = $1 AND customer_id = ANY ($2::text[])"
CLEAR_OLD = """
DELETE FROM views WHERE (store_id, customer_id, sku) IN (
    SELECT store_id, customer_id, sku FROM views WHERE viewed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
CLEAR_STORES = """
DELETE FROM views WHERE (store_id, customer_id, sku) IN (
    SELECT store_id, customer_id, sku FROM views WHERE store_id = ANY ($1::text[]) LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""


async def lock(connection: Connection, store_id: str, customer_id: str) -> None:
    """Nobody else writes what this customer looked at until the caller's transaction ends."""
    await connection.execute(LOCK, store_id, customer_id)


async def save(
    connection: Connection, store_id: str, customer_id: str, views: Sequence[View], at: datetime, most: int
) -> None:
    """Keeps what a customer looked at by then, each item once, and of all that the newest `most`."""
    told = ([one.sku for one in views], [one.title for one in views])
    links = ([one.url for one in views], [one.image_url for one in views])
    await connection.execute(SAVE, store_id, customer_id, *told, *links, at)
    await connection.execute(TRIM, store_id, customer_id, most)


async def of(connection: Connection, store_id: str, names: Sequence[str]) -> Sequence[asyncpg.Record]:
    """What people looked at, the oldest first."""
    return await connection.fetch(OF, store_id, names)


async def move(connection: Connection, store_id: str, name: str, owner: str) -> None:
    """What was looked at under one name is the owner's."""
    await connection.execute(MOVE, store_id, name, owner)


async def clear_goods(
    connection: Connection, store_id: str, customer_id: str, skus: Collection[str], until: datetime | None
) -> None:
    """Deletes what a customer looked at of these skus, by then where that is said."""
    await connection.execute(CLEAR_GOODS, store_id, customer_id, list(skus), until)


async def clear_all(connection: Connection, store_id: str, names: Sequence[str]) -> int:
    """Deletes all that these people looked at; how much."""
    return rows_affected(await connection.execute(CLEAR_ALL, store_id, names))


async def clear_old(connection: Connection, before: datetime, limit: int) -> int:
    """Deletes up to `limit` that are older; how many."""
    return rows_affected(await connection.execute(CLEAR_OLD, before, limit))


async def clear_stores(connection: Connection, store_ids: Sequence[str], limit: int) -> int:
    """Deletes up to `limit` of these stores; how many."""
    return rows_affected(await connection.execute(CLEAR_STORES, store_ids, limit))
