"""Levels of stock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.postgres.pool import Connection
from services.cart.supply import Level

# In the order of the skus, so that two bulk updates can't lock each other out. An unchanged level is not touched.
SET_LEVELS = """
INSERT INTO inventory (store_id, sku, available, version, updated_at)
SELECT $1, sku, available, 1, $4 FROM unnest($2::text[], $3::bigint[]) AS given (sku, available) ORDER BY sku
ON CONFLICT (store_id, sku) DO UPDATE
SET available = excluded.available, version = inventory.version + 1,
    updated_at = greatest(excluded.updated_at, inventory.updated_at)
WHERE inventory.available <> excluded.available
RETURNING sku, available, version, updated_at
"""
AVAILABLE = "SELECT sku, available FROM inventory WHERE store_id = $1 AND sku = ANY ($2)"


async def set_levels(
    connection: Connection, store_id: str, levels: Sequence[Level], now: datetime
) -> list[dict[str, Any]]:
    """Sets levels; returns sku, available, version and updated_at of those that changed."""
    skus, available = [level.sku for level in levels], [level.available for level in levels]
    return [dict(row) for row in await connection.fetch(SET_LEVELS, store_id, skus, available, now)]


async def available(connection: Connection, store_id: str, skus: Sequence[str]) -> dict[str, int]:
    """The levels of these skus that are known."""
    return {row["sku"]: row["available"] for row in await connection.fetch(AVAILABLE, store_id, skus)}
