"""Prices that the store has told."""

from collections.abc import Sequence
from datetime import datetime

from libs.postgres.pool import Connection
from services.cart.supply import Price

# In the order of the keys, so that two bulk updates can't lock each other out. An unchanged price is not touched.
SET_PRICES = """
INSERT INTO prices (store_id, sku, currency, price, version, updated_at)
SELECT $1, sku, currency, price, 1, $5
FROM unnest($2::text[], $3::text[], $4::bigint[]) AS given (sku, currency, price) ORDER BY sku, currency
ON CONFLICT (store_id, sku, currency) DO UPDATE
SET price = excluded.price, version = prices.version + 1, updated_at = greatest(excluded.updated_at, prices.updated_at)
WHERE prices.price <> excluded.price
RETURNING sku
"""


async def set_prices(connection: Connection, store_id: str, prices: Sequence[Price], now: datetime) -> list[str]:
    """Sets prices; returns the skus of those that were not so before."""
    skus, currencies = [price.sku for price in prices], [price.currency for price in prices]
    amounts = [price.price for price in prices]
    return [row["sku"] for row in await connection.fetch(SET_PRICES, store_id, skus, currencies, amounts, now)]
