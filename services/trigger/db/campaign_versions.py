"""Campaigns that stores have said by the API, version by version. Takes a connection, never commits."""

from dataclasses import dataclass
from datetime import datetime

from libs.postgres.pool import Connection

NEWEST = "SELECT coalesce(max(revision), 0) FROM campaign_versions"
SINCE = """
SELECT DISTINCT ON (store_id) store_id, version, revision, document, made_by, made_at, rolled_back_to
FROM campaign_versions WHERE revision > $1 ORDER BY store_id, version DESC
"""
NEXT = "SELECT coalesce(max(version), 0) + 1 FROM campaign_versions WHERE store_id = $1"
READ = """
SELECT store_id, version, revision, document, made_by, made_at, rolled_back_to
FROM campaign_versions WHERE store_id = $1 AND version = $2
"""
PAGE = """
SELECT store_id, version, revision, document, made_by, made_at, rolled_back_to
FROM campaign_versions WHERE store_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3
"""
WRITE = """
INSERT INTO campaign_versions (store_id, version, document, made_by, made_at, rolled_back_to)
VALUES ($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """What a store said: `document` is JSON, None where it went back to the campaigns of all stores."""

    store_id: str
    version: int
    revision: int
    document: str | None
    made_by: str
    made_at: datetime
    rolled_back_to: int | None


async def newest_revision(connection: Connection) -> int:
    """Of all that is kept, 0 where nothing is."""
    found: int = await connection.fetchval(NEWEST)
    return found


async def next_number(connection: Connection, store_id: str) -> int:
    """Of the version that a store will say next."""
    found: int = await connection.fetchval(NEXT, store_id)
    return found


async def read_since(connection: Connection, revision: int) -> list[KeptVersion]:
    """The newest version of each store that has one after this revision."""
    return [KeptVersion(**row) for row in await connection.fetch(SINCE, revision)]


async def read_version(connection: Connection, store_id: str, version: int) -> KeptVersion | None:
    """One version of a store."""
    row = await connection.fetchrow(READ, store_id, version)
    return KeptVersion(**row) if row else None


async def page_of_versions(connection: Connection, store_id: str, before: int, limit: int) -> list[KeptVersion]:
    """Versions of a store below `before`, the newest first."""
    return [KeptVersion(**row) for row in await connection.fetch(PAGE, store_id, before, limit)]


async def write_version(
    connection: Connection,
    store_id: str,
    version: int,
    document: str | None,
    *,
    made_by: str,
    made_at: datetime,
    rolled_back_to: int | None,
) -> None:
    """Keeps a version. The caller holds the lock of activations, so that revisions are committed in their order."""
    await connection.execute(WRITE, store_id, version, document, made_by, made_at, rolled_back_to)
