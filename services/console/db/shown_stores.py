"""The stores of which pages are shown."""

from dataclasses import dataclass

from libs.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class StoreShown:
    """What a page says of a store."""

    store_id: str
    name: str
    time_zone: str
    currency: str


async def shown_stores(connection: Connection) -> list[StoreShown]:
    """Those that are open, by name."""
    rows = await connection.fetch(
        "SELECT store_id, name, time_zone, currency FROM stores WHERE closed_at IS NULL ORDER BY name"
    )
    return [StoreShown(row["store_id"], row["name"], row["time_zone"], row["currency"] or "EUR") for row in rows]
