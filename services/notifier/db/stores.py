"""The stores as they were described last. Functions take a connection, and never commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from libs.contracts.events import StoreClosed, StoreDescribed
from libs.postgres.pool import Connection

KEEP = """
INSERT INTO stores AS kept (store_id, version, description) VALUES ($1, $2, $3::jsonb)
ON CONFLICT (store_id) DO UPDATE
SET version = excluded.version, description = excluded.description, closed_at = NULL
WHERE kept.version <= excluded.version
"""
CLOSE = "UPDATE stores SET closed_at = $2 WHERE store_id = $1 AND closed_at IS NULL"
# A row that was written again has another xmin: compared for being the same and nothing else, it needs no order of
# commits, and after a restore all are read once more.
MARKS = "SELECT store_id, xmin::text AS mark FROM stores"
READ = """
SELECT store_id, description, closed_at IS NOT NULL AS closed, xmin::text AS mark
FROM stores WHERE store_id = ANY ($1::text[])
"""


@dataclass(frozen=True, slots=True)
class KeptStore:
    """A store as it was described last, and whether it was closed since."""

    store_id: str
    description: dict[str, Any]
    closed: bool
    mark: str
    """Of this row as it was written; compared and nothing else."""


async def keep(connection: Connection, event: StoreDescribed) -> None:
    """Keeps the description, unless a newer one is here already."""
    said = event.model_dump_json(exclude={"event_id", "occurred_at", "store_id", "store_version"}, exclude_none=True)
    await connection.execute(KEEP, event.store_id, event.store_version, said)


async def close(connection: Connection, event: StoreClosed, now: datetime) -> None:
    """Notes that the store is closed."""
    await connection.execute(CLOSE, event.store_id, now)


async def changed(connection: Connection, marks: Mapping[str, str]) -> Sequence[KeptStore]:
    """The stores that were written since they had these marks; all are compared, in some 2 ms for 1,000 stores."""
    rows = await connection.fetch(MARKS)
    written = [row["store_id"] for row in rows if marks.get(row["store_id"]) != row["mark"]]
    found = await connection.fetch(READ, written) if written else ()
    return [KeptStore(row["store_id"], from_json(row["description"]), row["closed"], row["mark"]) for row in found]
