"""What the console knows of stores. Never commits."""

from libs.contracts.events import StoreClosed, StoreDescribed
from libs.postgres.pool import Connection
from services.console.domain.store import Store

# Another time zone moves what falls on which day, another currency what it is worth: all that is known one by one is
# counted anew.
KEEP = """
WITH kept AS (
    INSERT INTO stores AS known (store_id, version, name, locale, time_zone, currency)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (store_id) DO UPDATE SET version = excluded.version, name = excluded.name, locale = excluded.locale,
        time_zone = excluded.time_zone, currency = excluded.currency, closed_at = NULL
    WHERE known.version <= excluded.version
    RETURNING new.store_id, coalesce(old.time_zone, 'UTC') AS before, new.time_zone AS after,
        new.currency IS DISTINCT FROM old.currency OR new.time_zone <> coalesce(old.time_zone, 'UTC') AS is_other
), days AS (
    SELECT store_id, happened_at AS at, before, after FROM kept JOIN touches USING (store_id) WHERE is_other
    UNION ALL
    SELECT store_id, placed_at, before, after FROM kept JOIN orders USING (store_id) WHERE is_other
)
INSERT INTO stale_days (store_id, day)
SELECT DISTINCT store_id, (at AT TIME ZONE zone)::date
FROM days CROSS JOIN LATERAL (VALUES (before), (after)) AS zones (zone)
"""
CLOSE = "UPDATE stores SET closed_at = $2 WHERE store_id = $1 AND closed_at IS NULL"
READ = "SELECT time_zone, currency, name, locale FROM stores WHERE store_id = $1"
KNOWN = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1)"


async def keep(connection: Connection, event: StoreDescribed) -> None:
    """Keeps the description, unless a newer one is here already; a zone that the database has not is taken for UTC."""
    zone = event.time_zone if await connection.fetchval(KNOWN, event.time_zone) else "UTC"
    await connection.execute(KEEP, event.store_id, event.store_version, event.name, event.locale, zone, event.currency)


async def close(connection: Connection, event: StoreClosed) -> None:
    """Notes that the store is closed."""
    await connection.execute(CLOSE, event.store_id, event.occurred_at)


async def read(connection: Connection, store_id: str) -> Store:
    """The store as it was told last; one of which nothing was told is in UTC and has no currency."""
    row = await connection.fetchrow(READ, store_id)
    return Store(store_id) if row is None else Store(store_id, **row)
