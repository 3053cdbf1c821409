"""Carts as their newest events tell them, and who holds what. Takes a connection, never commits."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from services.trigger.db.columns import array, arrays
from services.trigger.db.reach import reach_of
from services.trigger.domain.batch import ChangedCart
from services.trigger.domain.carts import CartState

LOCK_CARTS = """
SELECT cart_id, c.store_id, c.customer_id, c.version, coalesce(goods_version, c.version) AS goods_version, quiet_since,
       units, total, currency, closed_at IS NOT NULL AS closed, decided_until, silent,
       coalesce(heeds_orders, silent) AS heeds_orders, origin, checkout_since,
       r.email AS by_email, r.sms AS by_sms, r.timezone, r.channels AS by_channels
FROM carts AS c LEFT JOIN LATERAL (
    SELECT email, sms, timezone, channels FROM reach
    WHERE reach.store_id = c.store_id AND reach.customer_id = c.customer_id LIMIT 1
) AS r ON true
WHERE cart_id = ANY($1::uuid[])
ORDER BY cart_id
FOR UPDATE OF c
"""

# The same without the lock, for who only looks.
READ_CARTS = """
SELECT cart_id, c.store_id, c.customer_id, c.version, coalesce(goods_version, c.version) AS goods_version, quiet_since,
       units, total, currency, closed_at IS NOT NULL AS closed, decided_until, silent,
       coalesce(heeds_orders, silent) AS heeds_orders, origin, checkout_since,
       r.email AS by_email, r.sms AS by_sms, r.timezone, r.channels AS by_channels
FROM carts AS c LEFT JOIN LATERAL (
    SELECT email, sms, timezone, channels FROM reach
    WHERE reach.store_id = c.store_id AND reach.customer_id = c.customer_id LIMIT 1
) AS r ON true
WHERE cart_id = ANY($1::uuid[])
"""

# The guards are those of `domain.carts.apply`: older is dropped, closed stays closed, an order silences the version
# that is there. LEAST passes over NULL: a timer that is armed earlier than needed stays, so that no index is touched.
SAVE_CARTS = """
WITH changed AS (
    INSERT INTO carts AS c (cart_id, store_id, customer_id, version, goods_version, quiet_since, units, total, currency,
                            closed_at, decided_until, silent, heeds_orders, due_at, partition, origin,
                            checkout_since)
    SELECT t.cart_id, t.store_id, t.customer_id, t.version, t.goods_version, t.quiet_since, t.units, t.total,
           t.currency, CASE WHEN t.closed THEN t.quiet_since END, t.decided_until, t.silent,
           t.heeds_orders, t.due_at, t.partition, t.origin, t.checkout_since
    FROM unnest($1::uuid[], $2::text::text[], $3::text::text[], $4::text::bigint[], $5::text::bigint[],
                $6::text::bigint[], $7::text::bigint[], $8::text::text[], $9::text::boolean[], $10::text::boolean[],
                $11::text::boolean[], $12::text::text[], $13::text::integer[], $14::text::timestamptz[],
                $15::text::timestamptz[], $16::text::timestamptz[], $17::text::timestamptz[])
        AS t(cart_id, store_id, customer_id, version, goods_version, units, total, currency, closed, silent,
             heeds_orders, origin, partition, quiet_since, decided_until, checkout_since, due_at)
    ORDER BY t.cart_id
    ON CONFLICT (cart_id) DO UPDATE SET
        customer_id = excluded.customer_id, version = excluded.version, goods_version = excluded.goods_version,
        quiet_since = excluded.quiet_since, units = excluded.units, total = excluded.total,
        currency = excluded.currency, closed_at = excluded.closed_at, decided_until = excluded.decided_until,
        silent = excluded.silent, heeds_orders = excluded.heeds_orders, due_at = least(c.due_at, excluded.due_at),
        partition = excluded.partition, origin = excluded.origin, checkout_since = excluded.checkout_since
    WHERE c.closed_at IS NULL AND (c.version < excluded.version
        OR (c.version = excluded.version AND excluded.silent AND NOT c.silent))
    RETURNING c.cart_id, c.store_id, c.customer_id, c.due_at
), held AS (
    SELECT changed.cart_id, changed.store_id, changed.customer_id, h.sku, h.units, h.touched_at, h.seen_price
    FROM unnest($18::text::integer[], $19::text::text[], $20::text::bigint[], $21::text::timestamptz[],
                $22::text::bigint[])
        AS h(number, sku, units, touched_at, seen_price)
    JOIN changed ON changed.cart_id = ($1::uuid[])[h.number]
    WHERE changed.customer_id IS NOT NULL
), dropped AS (
    DELETE FROM holdings USING (
        SELECT h.place FROM changed CROSS JOIN LATERAL (
            SELECT ctid AS place, sku FROM holdings WHERE holdings.cart_id = changed.cart_id OFFSET 0
        ) AS h
        WHERE NOT EXISTS (SELECT FROM held WHERE held.cart_id = changed.cart_id AND held.sku = h.sku)
    ) AS gone
    WHERE holdings.ctid = gone.place
), kept AS (
    INSERT INTO holdings AS h (cart_id, sku, store_id, customer_id, units, touched_at, seen_price)
    SELECT cart_id, sku, store_id, customer_id, units, touched_at, seen_price FROM held
    ON CONFLICT (cart_id, sku) DO UPDATE SET
        customer_id = excluded.customer_id, units = excluded.units, touched_at = excluded.touched_at,
        seen_price = excluded.seen_price
    WHERE h.units <> excluded.units OR h.customer_id <> excluded.customer_id
)
SELECT count(*) AS changed, count(due_at) AS armed FROM changed
"""

CART_COLUMNS = (
    "store_id",
    "customer_id",
    "version",
    "goods_version",
    "units",
    "total",
    "currency",
    "closed",
    "silent",
    "heeds_orders",
    "origin",
)
CART_MOMENTS = ("quiet_since", "decided_until", "checkout_since")


_OF_CART = len(CartState._fields) - 1
"""Columns of a cart, first in every statement and in the order of its fields; the last says how to reach its customer.
"""


async def lock_carts(connection: Connection, cart_ids: Iterable[UUID]) -> dict[UUID, CartState]:
    """Those of the carts that are known, as they are, locked until the caller's transaction ends."""
    rows = await connection.fetch(LOCK_CARTS, sorted(cart_ids))
    return {row["cart_id"]: cart_of(row) for row in rows}


async def read_carts(connection: Connection, cart_ids: Iterable[UUID]) -> dict[UUID, CartState]:
    """Those of the carts that are known, as they are."""
    rows = await connection.fetch(READ_CARTS, list(cart_ids))
    return {row["cart_id"]: cart_of(row) for row in rows}


async def save_carts(
    connection: Connection,
    carts: Iterable[tuple[ChangedCart, datetime | None]],
    is_held: Callable[[CartState], bool] = lambda _: True,
) -> int:
    """Writes carts, each at most once, with when to look at it, and what those of them hold of which `is_held` says so,
    in one statement.

    Returns how many of those that were news have a timer.
    """
    ordered = sorted(carts, key=lambda c: c[0].state.cart_id)
    states = [changed.state for changed, _ in ordered]
    row = await connection.fetchrow(
        SAVE_CARTS,
        [state.cart_id for state in states],
        *arrays(states, *CART_COLUMNS),
        array([changed.partition for changed, _ in ordered]),
        *arrays(states, *CART_MOMENTS),
        array([due_at for _, due_at in ordered]),
        *_holdings([changed for changed, _ in ordered], is_held),
    )
    assert row is not None
    return int(row["armed"])


def _holdings(carts: Sequence[ChangedCart], is_held: Callable[[CartState], bool]) -> list[str]:
    """Which cart in their order, from 1, sku, units, since when and at which price, as columns."""
    numbered = enumerate(carts, start=1)
    held = [(n, sku, *one) for n, cart in numbered if is_held(cart.state) for sku, one in cart.holds.items()]
    return [array([row[column] for row in held]) for column in range(5)]


def cart_of(row: asyncpg.Record) -> CartState:
    """The cart of a row that begins with its columns: by their names each would be looked up."""
    return tuple.__new__(CartState, (*row[:_OF_CART], reach_of(row)))
