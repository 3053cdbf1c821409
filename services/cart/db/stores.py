"""Stores that are kept in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from libs.postgres.pool import Connection

# Seldom, and one at a time: versions are then given in the order of the commits, and no replica misses one.
LOCK_TABLE = "LOCK TABLE stores IN SHARE ROW EXCLUSIVE MODE"
READ = "SELECT store_id, version, settings, sealed, updated_at FROM stores WHERE store_id = $1"
READ_SINCE = """
SELECT store_id, version, settings, sealed, updated_at FROM stores WHERE version > $1 ORDER BY version
"""
WRITE = """
INSERT INTO stores (store_id, version, settings, sealed, updated_at)
VALUES ($1, nextval('store_versions'), $2, $3, $4)
ON CONFLICT (store_id) DO UPDATE
SET version = excluded.version, settings = excluded.settings, sealed = excluded.sealed,
    updated_at = excluded.updated_at, closed_at = NULL
RETURNING store_id, version, settings, sealed, updated_at
"""
CLOSE = """
UPDATE stores SET version = nextval('store_versions'), settings = '{}', sealed = NULL, updated_at = $2, closed_at = $2
WHERE store_id = $1
"""


@dataclass(frozen=True, slots=True)
class KeptStore:
    """A store as it is kept: its settings as JSON, its secrets sealed, None once it was closed."""

    store_id: str
    version: int
    settings: str
    sealed: bytes | None
    updated_at: datetime


async def lock_table(connection: Connection) -> None:
    """Nobody else writes a store until the caller's transaction ends."""
    await connection.execute(LOCK_TABLE)


async def read(connection: Connection, store_id: str) -> KeptStore | None:
    """A store that is kept, closed or not."""
    row = await connection.fetchrow(READ, store_id)
    return _kept(row) if row else None


async def read_since(connection: Connection, version: int) -> Sequence[KeptStore]:
    """What was written after a version, in that order."""
    return [_kept(row) for row in await connection.fetch(READ_SINCE, version)]


async def write(connection: Connection, store_id: str, settings: str, sealed: bytes, now: datetime) -> KeptStore:
    """Keeps a store, under a version of its own. The caller holds."""
    row = await connection.fetchrow(WRITE, store_id, settings, sealed, now)
    assert row is not None, "what is written comes back"
    return _kept(row)


async def close(connection: Connection, store_id: str, now: datetime) -> None:
    """Forgets a store's settings and secrets; that it was there stays. The caller holds."""
    await connection.execute(CLOSE, store_id, now)


def _kept(row: asyncpg.Record) -> KeptStore:
    return KeptStore(row["store_id"], row["version"], row["settings"], row["sealed"], row["updated_at"])
