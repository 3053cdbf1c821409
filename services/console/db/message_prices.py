"""What messages cost a shop, by channel, in its own currency. Never commits."""

from collections.abc import Mapping
from decimal import Decimal

from libs.postgres.pool import Connection

KEEP = """
INSERT INTO message_prices (store_id, channel, price) VALUES ($1, $2, $3)
ON CONFLICT (store_id, channel) DO UPDATE SET price = excluded.price
"""


async def read(connection: Connection, store_id: str) -> dict[str, Decimal]:
    """Prices by channel; none where nobody has said one."""
    rows = await connection.fetch("SELECT channel, price FROM message_prices WHERE store_id = $1", store_id)
    return {row["channel"]: row["price"] for row in rows}


async def keep(connection: Connection, store_id: str, prices: Mapping[str, Decimal]) -> None:
    """Prices of some channels; those of others stay."""
    await connection.executemany(KEEP, [(store_id, channel, price) for channel, price in prices.items()])
