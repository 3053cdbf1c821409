"""Pools of coupons as a store describes and fills them. Functions take a connection, and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.coupons import LASTS_LEAST, Coupon, Pool

SET = """
INSERT INTO coupon_pools (store_id, pool, source, pattern, url, check_url, once_days, low_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (store_id, pool) DO UPDATE
SET source = excluded.source, pattern = excluded.pattern, url = excluded.url, check_url = excluded.check_url,
    once_days = excluded.once_days, low_at = excluded.low_at
"""
REMOVE = "DELETE FROM coupon_pools WHERE store_id = $1 AND pool = $2"
# What somebody reserves at this moment is not free any more: it is passed over, and stays theirs.
EMPTY = """
DELETE FROM coupon_codes WHERE (store_id, pool, code) IN (
    SELECT store_id, pool, code FROM coupon_codes
    WHERE store_id = $1 AND pool = $2 AND taken_at IS NULL FOR UPDATE SKIP LOCKED)
"""
# One that is somebody's, or was, is not free again because it is uploaded again.
ADD = """
INSERT INTO coupon_codes (store_id, pool, code, expires_at)
SELECT $1, $2, * FROM unnest($3::text[], $4::timestamptz[]) AS given ORDER BY 3
ON CONFLICT (store_id, pool, code) DO NOTHING
"""
POOLS = """
SELECT p.pool, p.source, p.pattern, p.url, p.check_url, p.once_days, p.low_at, c.left, c.taken, c.refused
FROM coupon_pools p CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE taken_at IS NULL AND refused_at IS NULL
                              AND (expires_at IS NULL OR expires_at > now() + $3::interval)) AS left,
           count(*) FILTER (WHERE taken_at IS NOT NULL AND refused_at IS NULL) AS taken,
           count(*) FILTER (WHERE refused_at IS NOT NULL) AS refused
    FROM coupon_codes WHERE store_id = $1 AND pool = p.pool
) AS c
WHERE p.store_id = $1 AND ($2::text IS NULL OR p.pool = $2)
ORDER BY p.pool
"""
CODE = """
SELECT code, expires_at, valid_until, taken_at,
       CASE WHEN refused_at IS NOT NULL THEN 'refused' WHEN taken_at IS NOT NULL THEN 'taken' ELSE 'free' END AS state
FROM coupon_codes WHERE store_id = $1 AND pool = $2 AND code = $3
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """Codes that a pool is given; `instead` of those that are free in it."""

    codes: Sequence[Coupon]
    instead: bool


async def put(connection: Connection, pool: Pool) -> None:
    """Describes a pool, a new one or one that there is."""
    how = (pool.source, pool.pattern, pool.url, pool.check_url, pool.once.days, pool.low_at)
    await connection.execute(SET, pool.store_id, pool.name, *how)


async def remove(connection: Connection, store_id: str, name: str) -> bool:
    """Takes a pool and its free codes away; what somebody has stays theirs. False where there is no such pool."""
    await connection.execute(EMPTY, store_id, name)
    return rows_affected(await connection.execute(REMOVE, store_id, name)) == 1


async def fill(connection: Connection, store_id: str, name: str, filled: Filled) -> int:
    """Puts codes in; returns how many were not in it."""
    if filled.instead:
        await connection.execute(EMPTY, store_id, name)
    codes, ends = [one.code for one in filled.codes], [one.until for one in filled.codes]
    return rows_affected(await connection.execute(ADD, store_id, name, codes, ends))


async def pools(connection: Connection, store_id: str, name: str | None = None) -> list[dict[str, Any]]:
    """The pools of a store, or that one, and how many codes of each are free, somebody's, and out of use."""
    return [dict(row) for row in await connection.fetch(POOLS, store_id, name, LASTS_LEAST)]


async def code(connection: Connection, store_id: str, name: str, text: str) -> dict[str, Any] | None:
    """What is known of a code; nothing of whose it is."""
    row = await connection.fetchrow(CODE, store_id, name, text)
    return None if row is None else dict(row)
