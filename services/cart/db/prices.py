"""Prices that the store has told."""

from collections.abc import Sequence
from datetime import datetime

from libs.postgres.pool import Connection
from services.cart.domain.stock.commands import Price

# In the order of the keys, so that two bulk updates can't lock each other out. An unchanged price is not touched,
# unless its sequence is newer: it must be known which prices are stale.
SET_PRICES = """
INSERT INTO prices (store_id, sku, currency, price, sequence, version, updated_at)
SELECT $1, sku, currency, price, sequence, 1, $6
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS given (sku, currency, price, sequence)
ORDER BY sku, currency
ON CONFLICT (store_id, sku, currency) DO UPDATE
SET price = excluded.price, sequence = coalesce(excluded.sequence, prices.sequence),
    version = prices.version + (prices.price <> excluded.price)::int,
    updated_at = CASE WHEN prices.price = excluded.price THEN prices.updated_at
        ELSE greatest(excluded.updated_at, prices.updated_at) END
WHERE CASE WHEN excluded.sequence IS NULL THEN prices.price <> excluded.price
    ELSE excluded.sequence > coalesce(prices.sequence, -1) END
RETURNING new.sku, new.currency, old.price IS DISTINCT FROM new.price AS changed
"""


async def set_prices(
    connection: Connection, store_id: str, prices: Sequence[Price], now: datetime
) -> dict[tuple[str, str], bool]:
    """Sets prices, each sku once in each currency; says of those that were not stale or known whether they changed."""
    columns = (
        [price.sku for price in prices],
        [price.currency for price in prices],
        [price.price for price in prices],
        [price.sequence for price in prices],
    )
    rows = await connection.fetch(SET_PRICES, store_id, *columns, now)
    return {(row["sku"], row["currency"]): row["changed"] for row in rows}
