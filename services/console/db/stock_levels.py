"""The level of each item as it last crossed its threshold. Never commits."""

from collections.abc import Iterable

from libs.contracts.events import LevelCrossed, LevelLow
from libs.postgres.pool import Connection

KEEP = """
INSERT INTO stock_levels AS known (store_id, sku, location, level_version, available, threshold, low, since)
SELECT DISTINCT ON (store_id, sku, location) * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::int[],
    $6::int[], $7::boolean[], $8::timestamptz[])
    AS given (store_id, sku, location, level_version, available, threshold, low, since)
ORDER BY store_id, sku, location, level_version DESC
ON CONFLICT (store_id, sku, location) DO UPDATE SET level_version = excluded.level_version,
    available = excluded.available, threshold = excluded.threshold, low = excluded.low, since = excluded.since
WHERE known.level_version < excluded.level_version
"""


async def keep(connection: Connection, crossings: Iterable[LevelCrossed]) -> None:
    """Keeps the newest crossing of each item and place."""
    rows = [
        (
            c.store_id, c.sku, c.location or "", c.level_version, c.available, c.threshold, isinstance(c, LevelLow),
            c.occurred_at,
        )
        for c in crossings
    ]  # fmt: skip
    if rows:
        await connection.execute(KEEP, *zip(*rows, strict=True))
