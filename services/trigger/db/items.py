"""Items as people hold them, and wait for them. Takes a connection, only reads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection

# Each count is of the rows of one item in an index that has them side by side.
NAMED = """
SELECT named.sku, i.available, held.carts, waiting.asked, waiting.saved, waiting.since
FROM unnest($2::text[]) WITH ORDINALITY AS named (sku, place)
LEFT JOIN stock_items AS i ON i.store_id = $1 AND i.sku = named.sku
CROSS JOIN LATERAL (SELECT count(*) AS carts FROM holdings WHERE store_id = $1 AND sku = named.sku) AS held
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE saved_in IS NULL) AS asked, count(saved_in) AS saved, min(set_at) AS since
    FROM watches WHERE store_id = $1 AND sku = named.sku AND ended IS NULL AND told_by IS NULL
) AS waiting
ORDER BY place
"""
WAITED_FOR = """
WITH waiting AS (
    SELECT sku, count(*) AS people, count(*) FILTER (WHERE saved_in IS NULL) AS asked, count(saved_in) AS saved,
        min(set_at) AS since
    FROM watches
    WHERE store_id = $1 AND ended IS NULL AND told_by IS NULL AND starts_with(sku, $2)
    GROUP BY sku
), page AS (
    SELECT * FROM waiting WHERE $3::bigint IS NULL OR people < $3 OR (people = $3 AND sku > $4)
    ORDER BY people DESC, sku LIMIT $5
)
SELECT page.sku, i.available, held.carts, page.asked, page.saved, page.since
FROM page
LEFT JOIN stock_items AS i ON i.store_id = $1 AND i.sku = page.sku
CROSS JOIN LATERAL (SELECT count(*) AS carts FROM holdings WHERE store_id = $1 AND sku = page.sku) AS held
ORDER BY page.people DESC, page.sku
"""
IN_ALL = """
SELECT count(DISTINCT sku) AS items, count(DISTINCT customer_id) AS people FROM watches
WHERE store_id = $1 AND ended IS NULL AND told_by IS NULL AND starts_with(sku, $2)
"""
PEOPLE = """
SELECT * FROM (
    (SELECT customer_id, 'in_cart' AS how, cart_id, units, touched_at AS since, cart_id AS place FROM holdings
    WHERE store_id = $1 AND sku = $2 AND ($3::timestamptz IS NULL OR (touched_at, cart_id) < ($3, $4::uuid))
    ORDER BY touched_at DESC, cart_id DESC LIMIT $5)
    UNION ALL
    (SELECT customer_id, CASE WHEN saved_in IS NULL THEN 'asked' ELSE 'saved' END, saved_in, NULL, set_at, watch_id
    FROM watches
    WHERE store_id = $1 AND sku = $2 AND ended IS NULL AND told_by IS NULL
        AND ($3::timestamptz IS NULL OR (set_at, watch_id) < ($3, $4::uuid))
    ORDER BY set_at DESC, watch_id DESC LIMIT $5)
) AS everybody
ORDER BY since DESC, place DESC LIMIT $5
"""
Place = tuple[datetime, UUID] | None
"""Behind what a page begins: since when somebody holds it or waits, and the cart or the watch."""


async def named(connection: Connection, store_id: str, skus: Sequence[str]) -> list[dict[str, Any]]:
    """What there is of these items, who holds them and who waits for them, counted; in this order."""
    return [dict(row) for row in await connection.fetch(NAMED, store_id, skus)]


async def waited_for(
    connection: Connection, store_id: str, begins: str, after: tuple[int, str] | None, limit: int
) -> list[dict[str, Any]]:
    """The items for which people wait, those with the most first, behind one with so many."""
    place = after or (None, None)
    return [dict(row) for row in await connection.fetch(WAITED_FOR, store_id, begins, *place, limit)]


async def in_all(connection: Connection, store_id: str, begins: str) -> dict[str, Any]:
    """For how many items somebody waits, and how many people do."""
    row = await connection.fetchrow(IN_ALL, store_id, begins)
    assert row is not None, "a count is there of nothing, too"
    return dict(row)


async def people(connection: Connection, store_id: str, sku: str, after: Place, limit: int) -> list[dict[str, Any]]:
    """Who has an item in an open cart, and who waits for it, the newest first."""
    place = after or (None, None)
    return [dict(row) for row in await connection.fetch(PEOPLE, store_id, sku, *place, limit)]
