"""What runs low, and what was told about items. Only reads."""

from collections.abc import Collection
from datetime import datetime

from libs.postgres.pool import Connection, Row
from services.console.domain.orders import GONE
from services.console.domain.stock import KINDS

# One row an item: the level over all stands before those of places.
LOW = """
SELECT sku, max(since) AS since, (array_agg(available ORDER BY location))[1] AS available,
    (array_agg(threshold ORDER BY location))[1] AS threshold,
    coalesce(array_agg(location ORDER BY location) FILTER (WHERE location <> ''), '{}') AS places
FROM stock_levels WHERE store_id = $1 AND low AND starts_with(sku, $2)
GROUP BY sku HAVING $3::timestamptz IS NULL OR (max(since), sku) < ($3, $4)
ORDER BY since DESC, sku DESC LIMIT $5
"""
IN_ALL = """
SELECT count(DISTINCT sku) FROM stock_levels WHERE store_id = $1 AND low AND starts_with(sku, $2)
"""
LEVELS = """
SELECT sku, location, available, threshold, low, since FROM stock_levels
WHERE store_id = $1 AND sku = $2 ORDER BY location
"""
LOW_OF = """
SELECT sku, location, available, threshold, low, since FROM stock_levels
WHERE store_id = $1 AND sku = ANY ($2::text[]) AND location = '' AND low
"""
# A message may have led to several orders.
TOLD = """
SELECT sku, kind, count(DISTINCT reminder_id) AS sent, count(DISTINCT touches.customer_id) AS people,
    count(DISTINCT reminder_id) FILTER (WHERE clicked_at IS NOT NULL AND suspected IS NOT TRUE) AS clicked,
    count(orders.order_id) AS ordered
FROM touches LEFT JOIN orders ON credited_to = reminder_id AND status <> ALL ($5::text[])
WHERE touches.store_id = $1 AND sku = ANY ($2::text[]) AND kind = ANY ($3::text[]) AND happened_at >= $4
    AND ended = 'sent'
GROUP BY sku, kind
"""
Place = tuple[datetime, str] | None
"""Behind what a page begins: since when an item runs low, and its sku."""


async def low(connection: Connection, store_id: str, begins: str, after: Place, limit: int) -> list[Row]:
    """Items that run low, the newest first."""
    return list(await connection.fetch(LOW, store_id, begins, *(after or (None, None)), limit))


async def low_in_all(connection: Connection, store_id: str, begins: str) -> int:
    """How many items run low."""
    found: int = await connection.fetchval(IN_ALL, store_id, begins)
    return found


async def levels(connection: Connection, store_id: str, sku: str) -> list[Row]:
    """An item over all and at each place, as it last crossed its threshold."""
    return list(await connection.fetch(LEVELS, store_id, sku))


async def low_of(connection: Connection, store_id: str, skus: Collection[str]) -> list[Row]:
    """Those of the items that run low over all."""
    return list(await connection.fetch(LOW_OF, store_id, list(skus)))


async def told(connection: Connection, store_id: str, skus: Collection[str], since: datetime) -> list[Row]:
    """What was told about items since then, by kind of campaign."""
    return list(await connection.fetch(TOLD, store_id, list(skus), list(KINDS), since, list(GONE)))
