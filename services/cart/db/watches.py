"""Who waits for which item. Takes a connection; whoever writes holds the rows until the transaction ends."""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg
from pydantic_core import from_json, to_json

from libs.postgres.pool import Connection
from services.cart.domain.shopper import Shopper
from services.cart.domain.watch import SetWatch, Watch

# Two who set at once would both see room for one more.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('watches:' || $1 || ':' || $2, 0))"
OF = """
SELECT watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
FROM watches WHERE store_id = $1 AND customer_id = ANY ($2::text[]) ORDER BY set_at, watch_id
"""
OF_GUEST = """
SELECT watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
FROM watches WHERE store_id = $1 AND token_hash = $2 ORDER BY set_at, watch_id
"""
INSERT = """
INSERT INTO watches (watch_id, store_id, customer_id, sku, options, version, set_at, title, url, token_hash, image_url)
VALUES (gen_random_uuid(), $1, $2, $3, $4::jsonb, 1, coalesce($5, clock_timestamp()), $6, $7, $8, $9)
RETURNING watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
"""
MOVE = """
UPDATE watches SET customer_id = $2, version = moved.version, taken_from = customer_id, token_hash = NULL
FROM unnest($1::uuid[], $3::bigint[]) AS moved (watch_id, version) WHERE watches.watch_id = moved.watch_id
RETURNING watches.watch_id
"""
# A delete for each question, so that each has its index; in the order of ids, so that two wait in line.
BY_ID = """
DELETE FROM watches WHERE watch_id = ANY (ARRAY(
    SELECT watch_id FROM watches WHERE store_id = $1 AND customer_id = $2 AND watch_id = ANY ($3::uuid[])
    ORDER BY watch_id FOR UPDATE
)) RETURNING watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
"""
OF_PEOPLE = """
DELETE FROM watches WHERE watch_id = ANY (ARRAY(
    SELECT watch_id FROM watches WHERE store_id = $1 AND customer_id = ANY ($2::text[]) ORDER BY watch_id FOR UPDATE
)) RETURNING watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
"""
OF_GOODS = """
DELETE FROM watches WHERE watch_id = ANY (ARRAY(
    SELECT watch_id FROM watches
    WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND sku = ANY ($3::text[])
      AND ($4::timestamptz IS NULL OR set_at <= $4)
    ORDER BY watch_id FOR UPDATE
)) RETURNING watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
"""
# Also of what has gone over to another customer since the message was asked for.
OF_TOLD = """
DELETE FROM watches WHERE watch_id = ANY (ARRAY(
    SELECT watch_id FROM watches
    WHERE store_id = $1 AND (customer_id = $2 OR taken_from = $2) AND sku = $3 AND set_at <= $4
    ORDER BY watch_id FOR UPDATE
)) RETURNING watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
"""
OLD = """
DELETE FROM watches WHERE watch_id = ANY (ARRAY(
    SELECT watch_id FROM watches WHERE set_at < $1 ORDER BY watch_id LIMIT $2 FOR UPDATE SKIP LOCKED
)) RETURNING watch_id, store_id, customer_id, sku, options::text AS options, version, set_at, title, url, image_url
"""


async def lock(connection: Connection, store_id: str, customer_id: str) -> None:
    """Nobody else sets a watch of this person until the caller's transaction ends."""
    await connection.execute(LOCK, store_id, customer_id)


async def of(connection: Connection, store_id: str, names: Sequence[str]) -> list[Watch]:
    """What people wait for, the longest first."""
    return [_watch(row) for row in await connection.fetch(OF, store_id, names)]


async def of_guest(connection: Connection, store_id: str, token_hash: bytes) -> list[Watch]:
    """What the bearer of a guest's token waits for, the longest first."""
    return [_watch(row) for row in await connection.fetch(OF_GUEST, store_id, token_hash)]


async def insert(
    connection: Connection, who: Shopper, asked: SetWatch, at: datetime | None, token_hash: bytes | None
) -> Watch:
    """A new watch of a customer or recipient, set at the time by which a caller dates changes, or now; of a guest with
    their token.
    """
    goods = (asked.sku, to_json(asked.options).decode(), at, asked.title, asked.url)
    row = await connection.fetchrow(INSERT, who.store_id, who.customer_id, *goods, token_hash, asked.image_url)
    assert row is not None
    return _watch(row)


async def move(connection: Connection, watches: Sequence[Watch], customer_id: str) -> list[Watch]:
    """Writes that these are the customer's from now on, and gives those that had not ended meanwhile."""
    ids, versions = [one.watch_id for one in watches], [one.version for one in watches]
    moved = {row["watch_id"] for row in await connection.fetch(MOVE, ids, customer_id, versions)}
    return [one for one in watches if one.watch_id in moved]


async def clear(connection: Connection, store_id: str, customer_id: str, watch_ids: Collection[object]) -> list[Watch]:
    """Deletes those of these watches that are the customer's, and gives them."""
    return _watches(await connection.fetch(BY_ID, store_id, customer_id, list(watch_ids)))


async def clear_all(connection: Connection, store_id: str, names: Sequence[str]) -> list[Watch]:
    """Deletes all that these people wait for, and gives it."""
    return _watches(await connection.fetch(OF_PEOPLE, store_id, names))


async def clear_goods(
    connection: Connection, store_id: str, names: Sequence[str], skus: Collection[str], until: datetime | None
) -> list[Watch]:
    """Deletes what people wait for of these skus with any options, set by then where that is said; gives it."""
    return _watches(await connection.fetch(OF_GOODS, store_id, names, list(skus), until))


async def clear_told(connection: Connection, store_id: str, customer_id: str, sku: str, until: datetime) -> list[Watch]:
    """Deletes what a customer waited for of a sku by then, under this name or since another one; gives it."""
    return _watches(await connection.fetch(OF_TOLD, store_id, customer_id, sku, until))


async def clear_old(connection: Connection, before: datetime, limit: int) -> list[Watch]:
    """Deletes up to `limit` watches that were set earlier, and gives them."""
    return _watches(await connection.fetch(OLD, before, limit))


def _watches(rows: Sequence[asyncpg.Record]) -> list[Watch]:
    return sorted(map(_watch, rows), key=lambda one: (one.set_at, one.watch_id))


def _watch(row: asyncpg.Record) -> Watch:
    return Watch(**{**row, "options": from_json(row["options"])})
