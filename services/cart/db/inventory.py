"""Levels of stock: the sum of each sku, and what lies at named locations."""

from collections.abc import Mapping, Sequence

import asyncpg

from libs.postgres.pool import Connection
from services.cart.domain.stock.levels import Count, Stock

READ = """
SELECT sku, available, version, low, sequence, threshold, located, category, updated_at, held_until, backorder
FROM inventory WHERE store_id = $1 AND sku = ANY ($2::text[])
"""
# In the order of the skus (that of Python), so that two bulk updates can't lock each other out.
LOCK = """
SELECT sku, available, version, low, sequence, threshold, located, category, updated_at, held_until, backorder
FROM inventory WHERE store_id = $1 AND sku = ANY ($2::text[]) ORDER BY sku COLLATE "C" FOR UPDATE
"""
READ_LOCATIONS = """
SELECT sku, location, available, version, low, sequence, threshold
FROM unnest($2::text[], $3::text[]) AS named (sku, location) JOIN inventory_locations USING (sku, location)
WHERE store_id = $1
"""
INSERT = """
INSERT INTO inventory (store_id, sku, available, version, low, sequence, threshold, located, category, updated_at,
    backorder)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::text[], $10::timestamptz[], $11::boolean[]) AS given (sku) ORDER BY sku COLLATE "C"
"""
UPDATE = """
UPDATE inventory
SET available = given.available, version = given.version, low = given.low, sequence = given.sequence,
    threshold = given.threshold, located = given.located, category = given.category, updated_at = given.updated_at,
    backorder = given.backorder
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::text[], $10::timestamptz[], $11::boolean[])
    AS given (sku, available, version, low, sequence, threshold, located, category, updated_at, backorder)
WHERE inventory.store_id = $1 AND inventory.sku = given.sku
"""
SAVE_LOCATIONS = """
INSERT INTO inventory_locations (store_id, sku, location, available, version, low, sequence, threshold, updated_at)
SELECT $1, sku, location, available, version, low, sequence, threshold, $9
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[], $7::bigint[], $8::bigint[])
    AS given (sku, location, available, version, low, sequence, threshold)
ON CONFLICT (store_id, sku, location) DO UPDATE
SET available = excluded.available, version = excluded.version, low = excluded.low, sequence = excluded.sequence,
    threshold = excluded.threshold, updated_at = excluded.updated_at
"""

Place = tuple[str, str]
"""Sku and location."""
Column = Sequence[object]


async def read(
    connection: Connection, store_id: str, skus: Sequence[str], places: Sequence[Place], *, lock: bool = False
) -> dict[str, Stock]:
    """What is known of these skus, with these of their locations; held until the transaction ends if asked to."""
    rows = await connection.fetch(LOCK if lock else READ, store_id, skus)
    found: dict[str, dict[str, Count]] = {}
    if places:
        named = ([sku for sku, _ in places], [location for _, location in places])
        for row in await connection.fetch(READ_LOCATIONS, store_id, *named):
            found.setdefault(row["sku"], {})[row["location"]] = _count(row)
    return {
        row["sku"]: Stock(
            row["sku"],
            _count(row),
            row["located"],
            found.get(row["sku"], {}),
            row["category"],
            row["updated_at"],
            row["held_until"] is not None,
            backorder=row["backorder"],
        )
        for row in rows
    }


async def save(connection: Connection, store_id: str, stocks: Sequence[Stock], known: Mapping[str, Stock]) -> None:
    """Writes skus whose rows the transaction holds, and those that are not `known` yet.

    Raises `asyncpg.UniqueViolationError` when one of the latter has just been written elsewhere.
    """
    for statement, some in (
        (INSERT, [stock for stock in stocks if stock.sku not in known]),
        (UPDATE, [stock for stock in stocks if stock.sku in known]),
    ):
        if some:
            await connection.execute(statement, store_id, *_columns(some))
    places = [(stock, name, count) for stock in stocks for name, count in stock.places.items()]
    if places:
        counts = [count for _, _, count in places]
        await connection.execute(
            SAVE_LOCATIONS,
            store_id,
            [stock.sku for stock, _, _ in places],
            [name for _, name, _ in places],
            *_counts(counts),
            max(stock.updated_at for stock, _, _ in places if stock.updated_at is not None),
        )


def _count(row: asyncpg.Record) -> Count:
    return Count(row["available"], row["version"], row["low"], row["sequence"], row["threshold"])


def _counts(counts: Sequence[Count]) -> tuple[Column, ...]:
    return (
        [count.available for count in counts],
        [count.version for count in counts],
        [count.low for count in counts],
        [count.sequence for count in counts],
        [count.threshold for count in counts],
    )


def _columns(stocks: Sequence[Stock]) -> tuple[Column, ...]:
    return (
        [stock.sku for stock in stocks],
        *_counts([stock.total for stock in stocks]),
        [stock.located for stock in stocks],
        [stock.category for stock in stocks],
        [stock.updated_at for stock in stocks],
        [stock.backorder for stock in stocks],
    )
