"""What the cart service tells of stores, as far as campaigns go by it. Takes a connection, never commits."""

from libs.contracts.events import StoreDescribed
from libs.postgres.pool import Connection

KEEP = """
INSERT INTO stores AS kept (store_id, version, currencies) VALUES ($1, $2, $3::text[])
ON CONFLICT (store_id) DO UPDATE SET version = excluded.version, currencies = excluded.currencies
WHERE kept.version < excluded.version
"""
FORGET = "DELETE FROM stores WHERE store_id = $1"
SEVERAL = "SELECT store_id, currencies FROM stores WHERE cardinality(currencies) > 1"
CURRENCIES = "SELECT currencies FROM stores WHERE store_id = $1"


async def keep(connection: Connection, event: StoreDescribed) -> None:
    """Keeps a description, unless a newer one is here already."""
    await connection.execute(KEEP, event.store_id, event.store_version, event.currencies)


async def forget(connection: Connection, store_id: str) -> None:
    """Forgets a store that was closed."""
    await connection.execute(FORGET, store_id)


async def currencies_of(connection: Connection, store_id: str) -> tuple[str, ...]:
    """In which a store sells; none where that is not known."""
    found: list[str] | None = await connection.fetchval(CURRENCIES, store_id)
    return tuple(found or ())


async def with_several(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The stores that are known to sell in several currencies, and in which."""
    return {row["store_id"]: tuple(row["currencies"]) for row in await connection.fetch(SEVERAL)}
