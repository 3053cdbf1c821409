"""Reservations. A live one counts as long as its cart is open, or was ordered and the shop has not told of it yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# Whoever reserves holds the levels first, in the order of the skus: of two who want the last unit one waits and then
# sees, with a new snapshot, what the other took.
LOCK_LEVELS = 'SELECT FROM inventory WHERE store_id = $1 AND sku = ANY ($2::text[]) ORDER BY sku COLLATE "C" FOR UPDATE'
FREE = """
SELECT level.sku, level.available AS free
FROM unnest($2::text[]) AS asked (sku) CROSS JOIN LATERAL stock_left($1, asked.sku, $3::uuid[]) AS level
WHERE level.available IS NOT NULL
"""
RESERVE = """
WITH given AS (
    SELECT sku, units FROM unnest($3::text[], $4::bigint[]) AS given (sku, units)
), until AS (
    SELECT now() + $5 * interval '1 minute' AS expires_at
), noted AS (
    UPDATE inventory SET held_until = greatest(held_until, (SELECT expires_at FROM until))
    WHERE store_id = $1 AND sku IN (SELECT sku FROM given)
), kept AS (
    INSERT INTO reservations AS known (store_id, sku, cart_id, units, expires_at)
    SELECT $1, sku, $2, units, expires_at FROM given, until ORDER BY sku
    ON CONFLICT (store_id, sku, cart_id) DO UPDATE SET units = excluded.units, expires_at = excluded.expires_at
    WHERE NOT known.ordered
)
SELECT expires_at FROM until
"""
# A cart holds no more than is in it. A row that holds none waits until its time is over.
FIT = """
UPDATE reservations SET units = coalesce(($2::jsonb ->> sku)::bigint, 0)
WHERE cart_id = $1 AND NOT ordered AND units > coalesce(($2::jsonb ->> sku)::bigint, 0) RETURNING sku
"""
# A log-in brings along what is held back for the guest, and what was over stays over.
MOVE = """
WITH moved AS (
    DELETE FROM reservations WHERE cart_id = $1 AND NOT ordered RETURNING store_id, sku, units, expires_at
)
INSERT INTO reservations AS own (store_id, sku, cart_id, units, expires_at)
SELECT store_id, sku, $2, units, expires_at FROM moved WHERE expires_at > now() ORDER BY sku
ON CONFLICT (store_id, sku, cart_id) DO UPDATE
SET units = CASE WHEN own.expires_at > now() THEN own.units ELSE 0 END + excluded.units,
    expires_at = greatest(own.expires_at, excluded.expires_at)
"""
# What a closed cart held is its order's, as far as that took it; of the rest it lets go.
ORDERED = """
UPDATE reservations
SET ordered = true, units = least(units, coalesce(($2::jsonb -> cart_id::text ->> sku)::bigint, 0))
WHERE cart_id = ANY ($1::uuid[]) AND NOT ordered RETURNING sku
"""
# An order holds no more of a sku than is still bought of it, whichever of its carts holds it.
KEEP = """
WITH kept AS (
    SELECT store_id, sku, cart_id, greatest(
        coalesce(($2::jsonb ->> sku)::bigint, 0) - sum(units) OVER (PARTITION BY sku ORDER BY cart_id) + units, 0
    ) AS units
    FROM reservations WHERE cart_id = ANY ($1::uuid[]) AND ordered
)
UPDATE reservations AS held SET units = kept.units FROM kept
WHERE held.store_id = kept.store_id AND held.sku = kept.sku AND held.cart_id = kept.cart_id
  AND held.units > kept.units
RETURNING held.sku
"""
# A level that fell by so many units has become that much without what was ordered: the oldest first.
SETTLE = """
WITH paid AS (
    SELECT sku, cart_id, ($2::jsonb ->> sku)::bigint
        - sum(units) OVER (PARTITION BY sku ORDER BY expires_at, cart_id) + units AS units
    FROM reservations
    WHERE store_id = $1 AND sku = ANY (ARRAY(SELECT jsonb_object_keys($2::jsonb))) AND ordered AND expires_at > now()
)
UPDATE reservations AS held SET units = greatest(held.units - paid.units, 0) FROM paid
WHERE held.store_id = $1 AND held.sku = paid.sku AND held.cart_id = paid.cart_id AND paid.units > 0
"""
FORGET = """
DELETE FROM reservations WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM reservations WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
))
"""


async def lock_levels(connection: Connection, store_id: str, skus: Sequence[str]) -> None:
    """Nobody else reserves of these skus, or tells of their levels, until the caller's transaction ends."""
    await connection.execute(LOCK_LEVELS, store_id, skus)


async def free(connection: Connection, store_id: str, skus: Sequence[str], carts: Sequence[UUID]) -> dict[str, int]:
    """Units of these skus that these carts may have, of those whose level is known and binds."""
    return {row["sku"]: row["free"] for row in await connection.fetch(FREE, store_id, skus, carts)}


async def reserve(
    connection: Connection, store_id: str, cart_id: UUID, units: Mapping[str, int], minutes: int
) -> datetime:
    """Holds units back for a cart, in place of what it held of them before; returns until when."""
    until: datetime = await connection.fetchval(
        RESERVE, store_id, cart_id, list(units), list(units.values()), float(minutes)
    )
    return until


async def fit(connection: Connection, cart_id: UUID, holds: Mapping[str, int]) -> list[str]:
    """A cart, whose row the transaction holds, holds back no more than these units by sku; the skus of which it let
    some go.
    """
    return [row["sku"] for row in await connection.fetch(FIT, cart_id, _json(holds))]


async def move(connection: Connection, from_cart: UUID, to_cart: UUID) -> None:
    """What one cart held back is held back for another one."""
    await connection.execute(MOVE, from_cart, to_cart)


async def ordered(connection: Connection, bought: Mapping[UUID, Mapping[str, int]]) -> list[str]:
    """So many units by sku of what these carts hold back were ordered: they wait until the shop's level has fallen by
    them. The rest is let go. Gives the skus that were held.
    """
    return [row["sku"] for row in await connection.fetch(ORDERED, list(bought), _json(bought))]


async def keep(connection: Connection, carts: Sequence[UUID], bought: Mapping[str, int]) -> list[str]:
    """What these ordered carts hold back is no more than these units by sku; the skus of which some were let go."""
    return [row["sku"] for row in await connection.fetch(KEEP, carts, _json(bought))]


async def settle(connection: Connection, store_id: str, fallen: Mapping[str, int]) -> None:
    """The shop's levels of these skus have fallen by so many units: as many of what was ordered are no longer part of
    them.
    """
    await connection.execute(SETTLE, store_id, _json(fallen))


async def forget(connection: Connection, limit: int) -> int:
    """Deletes up to `limit` reservations that have expired; returns how many."""
    return rows_affected(await connection.execute(FORGET, limit))


def _json(units: Mapping[Any, Any]) -> str:
    return to_json(units).decode()
