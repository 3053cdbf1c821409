"""The stores as they were described last. Functions take a connection, and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from libs.contracts.events import StoreClosed, StoreDescribed
from libs.postgres.pool import Connection

KEEP = """
INSERT INTO stores AS kept (store_id, version, description, xid) VALUES ($1, $2, $3::jsonb, pg_current_xact_id())
ON CONFLICT (store_id) DO UPDATE
SET version = excluded.version, description = excluded.description, closed_at = NULL, xid = excluded.xid
WHERE kept.version <= excluded.version
"""
CLOSE = "UPDATE stores SET closed_at = $2, xid = pg_current_xact_id() WHERE store_id = $1 AND closed_at IS NULL"
# What transactions write that were open at a snapshot has an xid from its horizon on: so none is missed, whatever the
# order of the commits. What was there already may come again.
CHANGED = """
SELECT store_id, description, closed_at IS NOT NULL AS closed,
       pg_snapshot_xmin(pg_current_snapshot())::text AS horizon
FROM (SELECT 1) AS once LEFT JOIN stores ON xid >= $1::text::xid8
"""
START = "0"


@dataclass(frozen=True, slots=True)
class KeptStore:
    """A store as it was described last, and whether it was closed since."""

    store_id: str
    description: dict[str, Any]
    closed: bool


async def keep(connection: Connection, event: StoreDescribed) -> None:
    """Keeps the description, unless a newer one is here already."""
    said = event.model_dump_json(exclude={"event_id", "occurred_at", "store_id", "store_version"}, exclude_none=True)
    await connection.execute(KEEP, event.store_id, event.store_version, said)


async def close(connection: Connection, event: StoreClosed, now: datetime) -> None:
    """Notes that the store is closed."""
    await connection.execute(CLOSE, event.store_id, now)


async def changed(connection: Connection, horizon: str) -> tuple[Sequence[KeptStore], str]:
    """What was written since a horizon, and the next one; `START` is before everything."""
    rows = await connection.fetch(CHANGED, horizon)
    found = [
        KeptStore(row["store_id"], from_json(row["description"]), row["closed"]) for row in rows if row["store_id"]
    ]
    return found, rows[0]["horizon"]
