"""Templates that stores have said by the API, version by version. Takes a connection, never commits."""

from dataclasses import dataclass
from datetime import datetime

from libs.postgres.pool import Connection

# Whoever says one is alone, so that revisions are committed in their order.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('template_versions', 3))"
SINCE = """
SELECT DISTINCT ON (store_id, name) store_id, name, version, revision, document, made_by, made_at, rolled_back_to
FROM template_versions WHERE revision > $1 ORDER BY store_id, name, version DESC
"""
NEWEST = """
SELECT store_id, name, version, revision, document, made_by, made_at, rolled_back_to
FROM template_versions WHERE store_id = $1 AND name = $2 ORDER BY version DESC LIMIT 1
"""
READ = """
SELECT store_id, name, version, revision, document, made_by, made_at, rolled_back_to
FROM template_versions WHERE store_id = $1 AND name = $2 AND version = $3
"""
PAGE = """
SELECT store_id, name, version, revision, document, made_by, made_at, rolled_back_to
FROM template_versions WHERE store_id = $1 AND name = $2 AND version < $3 ORDER BY version DESC LIMIT $4
"""
OF_STORE = """
SELECT DISTINCT ON (name) store_id, name, version, revision, document, made_by, made_at, rolled_back_to
FROM template_versions WHERE store_id = $1 ORDER BY name, version DESC
"""
WRITE = """
INSERT INTO template_versions (store_id, name, version, document, made_by, made_at, rolled_back_to)
VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class KeptTemplate:
    """What a store said of a template: `document` is JSON, None where it was taken away."""

    store_id: str
    name: str
    version: int
    revision: int
    document: str | None
    made_by: str
    made_at: datetime
    rolled_back_to: int | None


async def lock(connection: Connection) -> None:
    """Until the end of the transaction nobody else says a template."""
    await connection.execute(LOCK)


async def since(connection: Connection, revision: int) -> list[KeptTemplate]:
    """The newest version of each template that has one after this revision."""
    return [KeptTemplate(**row) for row in await connection.fetch(SINCE, revision)]


async def newest(connection: Connection, store_id: str, name: str) -> KeptTemplate | None:
    """The newest version of a template."""
    row = await connection.fetchrow(NEWEST, store_id, name)
    return KeptTemplate(**row) if row else None


async def read(connection: Connection, store_id: str, name: str, version: int) -> KeptTemplate | None:
    """One version of a template."""
    row = await connection.fetchrow(READ, store_id, name, version)
    return KeptTemplate(**row) if row else None


async def page(connection: Connection, store_id: str, name: str, before: int, limit: int) -> list[KeptTemplate]:
    """Versions of a template below `before`, the newest first."""
    return [KeptTemplate(**row) for row in await connection.fetch(PAGE, store_id, name, before, limit)]


async def of_store(connection: Connection, store_id: str) -> list[KeptTemplate]:
    """The newest version of each template of a store."""
    return [KeptTemplate(**row) for row in await connection.fetch(OF_STORE, store_id)]


async def write(connection: Connection, kept: KeptTemplate) -> None:
    """Keeps a version; its revision is the database's to give. The caller holds the lock."""
    who = (kept.store_id, kept.name, kept.version, kept.document, kept.made_by, kept.made_at, kept.rolled_back_to)
    await connection.execute(WRITE, *who)
