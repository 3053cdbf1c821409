"""Numbered SQL files, applied once each, in order, by one process at a time.

Forward only, plain SQL: `0001_initial.sql`, `0002_….sql`. Each file is one transaction, unless its first line is
`-- no transaction` (for CREATE INDEX CONCURRENTLY). A file that was applied must not change: its SHA-256 is kept.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import structlog

log = structlog.get_logger(__name__)

LOCK = 0x45_76_65_72  # any constant of our own: "Ever"
POLL_S = 0.2

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationError(RuntimeError):
    """A migration can't be applied; the message names the file."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name orders it, its digest shows whether it was changed after it had been applied."""

    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the SQL."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def transactional(self) -> bool:
        """Whether the file runs as one transaction."""
        return not self.sql.startswith("-- no transaction")


def read(folder: Path) -> list[Migration]:
    """The migrations of a service in order. Raises `MigrationError` when there are none."""
    found = [Migration(p.name, p.read_text(encoding="utf-8")) for p in sorted(folder.glob("[0-9]*.sql"))]
    if not found:
        raise MigrationError(f"no migrations in {folder}")
    return found


def pending(migrations: list[Migration], applied: dict[str, str]) -> list[Migration]:
    """What is still to apply, given name → digest of what was. Raises when an applied file has changed."""
    for migration in migrations:
        if applied.get(migration.name, migration.sha256) != migration.sha256:
            raise MigrationError(f"{migration.name} was changed after it had been applied")
    return [m for m in migrations if m.name not in applied]


async def migrate(dsn: str, folder: Path) -> list[str]:
    """Brings a database to the newest schema; returns the names of the files that were applied."""
    migrations = read(folder)
    connection = await asyncpg.connect(dsn)
    try:
        # asked for again and again: a session that waits inside a statement holds up CREATE INDEX CONCURRENTLY for ever
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 - another process's
            await asyncio.sleep(POLL_S)
        await connection.execute(_TABLE)
        rows = await connection.fetch("SELECT name, sha256 FROM schema_migrations")
        todo = pending(migrations, {r["name"]: r["sha256"] for r in rows})
        for migration in todo:
            await _apply(connection, migration)
        return [m.name for m in todo]
    finally:
        await connection.close()


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    log.info("migration.applying", name=migration.name)
    try:
        if migration.transactional:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await _record(connection, migration)
        else:
            await connection.execute(migration.sql)
            await _record(connection, migration)
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{migration.name}: {error}") from error


async def _record(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    await connection.execute(
        "INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", migration.name, migration.sha256
    )
