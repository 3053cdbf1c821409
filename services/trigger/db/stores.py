"""What the cart service tells of stores, as far as campaigns go by it. Takes a connection, never commits."""

from collections.abc import Collection

from libs.contracts.events import StoreDescribed
from libs.postgres.pool import Connection

KEEP = """
INSERT INTO stores AS kept (store_id, version, currencies) VALUES ($1, $2, $3::text[])
ON CONFLICT (store_id) DO UPDATE SET version = excluded.version, currencies = excluded.currencies
WHERE kept.version < excluded.version
"""
FORGET = "DELETE FROM stores WHERE store_id = $1"
CURRENCIES = "SELECT store_id, currencies FROM stores WHERE store_id = ANY ($1::text[]) AND currencies IS NOT NULL"


async def keep(connection: Connection, event: StoreDescribed) -> None:
    """Keeps a description, unless a newer one is here already."""
    await connection.execute(KEEP, event.store_id, event.store_version, event.currencies)


async def forget(connection: Connection, store_id: str) -> None:
    """Forgets a store that was closed."""
    await connection.execute(FORGET, store_id)


async def currencies_of(connection: Connection, store_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """In which currencies stores sell, of those of which it is known."""
    rows = await connection.fetch(CURRENCIES, list(store_ids))
    return {row["store_id"]: tuple(row["currencies"]) for row in rows}
