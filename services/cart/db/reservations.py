"""Reservations. A live one counts as long as its cart is open, or was ordered and the shop has not told of it yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# Whoever reserves holds the levels first, in the order of the skus: of two who want the last unit one waits and then
# sees, with a new snapshot, what the other took.
LOCK_LEVELS = 'SELECT FROM inventory WHERE store_id = $1 AND sku = ANY ($2::text[]) ORDER BY sku COLLATE "C" FOR UPDATE'
FREE = """
SELECT sku, CASE WHEN held_until > now() THEN greatest(available - (
    SELECT coalesce(sum(units), 0) FROM reservations AS held
    WHERE held.store_id = inventory.store_id AND held.sku = inventory.sku AND held.cart_id <> ALL ($3::uuid[])
      AND expires_at > now()
      AND (ordered OR (SELECT status = 'active' FROM carts AS whose WHERE whose.cart_id = held.cart_id))
), 0) ELSE available END::bigint AS free
FROM inventory WHERE store_id = $1 AND sku = ANY ($2::text[])
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
RELEASE = """
DELETE FROM reservations WHERE cart_id = $1 AND NOT ordered AND sku <> ALL ($2::text[]) RETURNING sku
"""
# A log-in brings along what was held back for the guest.
MOVE = """
WITH moved AS (
    DELETE FROM reservations WHERE cart_id = $1 AND NOT ordered RETURNING store_id, sku, units, expires_at
)
INSERT INTO reservations AS own (store_id, sku, cart_id, units, expires_at)
SELECT store_id, sku, $2, units, expires_at FROM moved ORDER BY sku
ON CONFLICT (store_id, sku, cart_id) DO UPDATE
SET units = own.units + excluded.units, expires_at = greatest(own.expires_at, excluded.expires_at)
"""
ORDERED = """
UPDATE reservations SET ordered = true, units = least(reservations.units, bought.units)
FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS bought (cart_id, sku, units)
WHERE reservations.cart_id = bought.cart_id AND reservations.sku = bought.sku
"""
# What an order held that came to nothing.
GIVE_UP = """
WITH given AS (
    SELECT cart_id, sku, units FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS given (cart_id, sku, units)
), less AS (
    UPDATE reservations SET units = reservations.units - given.units FROM given
    WHERE reservations.cart_id = given.cart_id AND reservations.sku = given.sku AND ordered
      AND reservations.units > given.units
)
DELETE FROM reservations USING given
WHERE reservations.cart_id = given.cart_id AND reservations.sku = given.sku AND ordered
  AND reservations.units <= given.units
"""
SETTLE = "DELETE FROM reservations WHERE store_id = $1 AND sku = ANY ($2::text[]) AND ordered"
FORGET = """
DELETE FROM reservations WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM reservations WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
))
"""


async def lock_levels(connection: Connection, store_id: str, skus: Sequence[str]) -> None:
    """Nobody else reserves of these skus, or tells of their levels, until the caller's transaction ends."""
    await connection.execute(LOCK_LEVELS, store_id, skus)


async def free(connection: Connection, store_id: str, skus: Sequence[str], carts: Sequence[UUID]) -> dict[str, int]:
    """Units of these skus that these carts may have, of those whose level is known."""
    return {row["sku"]: row["free"] for row in await connection.fetch(FREE, store_id, skus, carts)}


async def reserve(
    connection: Connection, store_id: str, cart_id: UUID, units: Mapping[str, int], minutes: int
) -> datetime:
    """Holds units back for a cart, in place of what it held of them before; returns until when."""
    until: datetime = await connection.fetchval(
        RESERVE, store_id, cart_id, list(units), list(units.values()), float(minutes)
    )
    return until


async def release(connection: Connection, cart_id: UUID, keeping: Sequence[str] = ()) -> list[str]:
    """Lets go what a cart holds back, but for the skus in `keeping`; returns the skus."""
    return [row["sku"] for row in await connection.fetch(RELEASE, cart_id, keeping)]


async def move(connection: Connection, from_cart: UUID, to_cart: UUID) -> None:
    """What one cart held back is held back for another one."""
    await connection.execute(MOVE, from_cart, to_cart)


async def ordered(connection: Connection, bought: Sequence[tuple[UUID, str, int]]) -> None:
    """So many units of what these carts hold back were ordered: they wait for the next level that the shop tells."""
    columns = ([cart for cart, _, _ in bought], [sku for _, sku, _ in bought], [units for _, _, units in bought])
    await connection.execute(ORDERED, *columns)


async def give_up(connection: Connection, given: Sequence[tuple[UUID, str, int]]) -> None:
    """So many units of what these ordered carts hold back are not bought after all."""
    columns = ([cart for cart, _, _ in given], [sku for _, sku, _ in given], [units for _, _, units in given])
    await connection.execute(GIVE_UP, *columns)


async def settle(connection: Connection, store_id: str, skus: Sequence[str]) -> None:
    """The shop has told the levels of these skus anew: what was ordered is no longer part of them."""
    await connection.execute(SETTLE, store_id, skus)


async def forget(connection: Connection, limit: int) -> int:
    """Deletes up to `limit` reservations that have expired; returns how many."""
    return rows_affected(await connection.execute(FORGET, limit))
