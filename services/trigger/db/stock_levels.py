"""Items' levels as each campaign that watches them sees them. Takes a connection, never commits."""

from collections.abc import Iterable, Mapping

from libs.postgres.pool import Connection
from services.trigger.domain.stock_levels import Item, StockState

LEVELS = """
SELECT store_id, sku, campaign, level, version, armed, sold_out_at
FROM unnest($1::text[], $2::text[], $3::text[]) AS t(store_id, sku, campaign)
JOIN stock_levels USING (store_id, sku, campaign)
"""

SAVE_LEVELS = """
INSERT INTO stock_levels AS s (store_id, sku, campaign, level, version, armed, sold_out_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[],
                     $7::timestamptz[])
ON CONFLICT (store_id, sku, campaign) DO UPDATE SET
    level = excluded.level, version = excluded.version, armed = excluded.armed, sold_out_at = excluded.sold_out_at
WHERE s.version < excluded.version
"""


async def known_levels(connection: Connection, items: Iterable[Item]) -> dict[Item, StockState]:
    """Those of the items that are known."""
    ordered = sorted(set(items))
    rows = await connection.fetch(LEVELS, *([item[column] for item in ordered] for column in range(3)))
    return {
        (r["store_id"], r["sku"], r["campaign"]): StockState(r["level"], r["version"], r["armed"], r["sold_out_at"])
        for r in rows
    }


async def save_levels(connection: Connection, states: Mapping[Item, StockState]) -> None:
    """Writes items; an older level changes nothing."""
    ordered = sorted(states.items())
    await connection.execute(
        SAVE_LEVELS,
        *([item[column] for item, _ in ordered] for column in range(3)),
        [state.level for _, state in ordered],
        [state.version for _, state in ordered],
        [state.armed for _, state in ordered],
        [state.sold_out_at for _, state in ordered],
    )
