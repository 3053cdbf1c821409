"""Numbered SQL files, applied once each, in order, by one process at a time, in two steps around a release.

Forward only, plain SQL: `0001_initial.sql`, `0002_….sql`. Each file is one transaction, unless its first line is
`-- no transaction` (for CREATE INDEX CONCURRENTLY). A file that was applied must not change: its SHA-256 is kept.

The pre step adds what the new release needs; the running one survives it. What the running one would not survive is
named `0003_….post.sql` and belongs to the post step, which waits until no process of an older release is connected.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import asyncpg
import stamina
import structlog

from libs.postgres.errors import OUTAGES
from libs.postgres.hosts import connect_to_any

log = structlog.get_logger(__name__)

Step = Literal["pre", "post"]
Session: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

LOCK = 0x45_76_65_72  # any constant of our own: "Ever"
POLL_S = 0.2
LOCK_TIMEOUT_MS = 2_000
"""So long a file may wait for a table, for whoever comes after it waits behind it."""
LOCK_PAUSE_S = 1.0
LOCK_TRIES = 40
PATIENCE_S = 60.0
"""So long a database may take to be there: it is often started by whoever starts us."""
PAUSE_S = 1.0

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_SESSIONS = """
SELECT application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name ~ $1
"""
SERVICE_NAMES = "^(cart|trigger|notifier|console)( [0-9]{4})?$"
"""What connections of services are called; releases before this one gave no number."""


class MigrationError(RuntimeError):
    """A migration can't be applied; the message names the file, or says what the database answers."""


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
    def step(self) -> Step:
        """Before or after the processes of the release were exchanged."""
        return "post" if self.name.endswith(".post.sql") else "pre"

    @property
    def transactional(self) -> bool:
        """Whether the file runs as one transaction."""
        return not self.sql.startswith("-- no transaction")


def read(folder: Path) -> list[Migration]:
    """The migrations of a service in order. Raises `MigrationError` when there are none."""
    found = [Migration(p.name, p.read_text(encoding="utf-8")) for p in _files(folder)]
    if not found:
        raise MigrationError(f"no migrations in {folder}")
    return found


def _files(folder: Path) -> list[Path]:
    """In the order of their numbers, whichever folder holds them: one that is full goes on in another below it."""
    return sorted(folder.rglob("[0-9]*.sql"), key=lambda path: path.name)


def newest(folder: Path) -> str:
    """The number of the newest migration, by which the sessions of a release are known: `0012`."""
    return read(folder)[-1].name[:4]


def pending(migrations: Sequence[Migration], applied: Mapping[str, str]) -> list[Migration]:
    """What is still to apply, given name → digest of what was. Raises when an applied file has changed."""
    for migration in migrations:
        if applied.get(migration.name, migration.sha256) != migration.sha256:
            raise MigrationError(f"{migration.name} was changed after it had been applied")
    return [m for m in migrations if m.name not in applied]


def due(migrations: Sequence[Migration], applied: Mapping[str, str], step: Step) -> list[Migration]:
    """What a step is to apply. Where nothing was applied yet nobody can be disturbed: everything, whatever the step.

    Raises `MigrationError` where the post step comes before the pre step.
    """
    todo = pending(migrations, applied)
    if not applied:
        return todo
    if step == "post" and (early := [m.name for m in todo if m.step == "pre"]):
        raise MigrationError(f"{early[0]} belongs to the pre step, which comes first")
    return [m for m in todo if m.step == step]


def behind(sessions: Sequence[str], migration: Migration) -> list[str]:
    """The sessions, by application name (`cart 0012`), of releases that do not know this migration yet."""
    return [name for name in sessions if name.partition(" ")[2] < migration.name[:4]]


async def migrate(dsn: str, folder: Path, step: Step = "pre") -> list[str]:
    """Takes a step towards the newest schema; returns the names of the files that were applied.

    Raises `MigrationError`; what was applied before it stays.
    """
    migrations = read(folder)
    async with _alone(dsn) as connection:
        todo = due(migrations, await _applied(connection), step)
        for migration in todo:
            if migration.step == "post":
                await _refuse_the_old(connection, migration)
            await _apply(connection, migration)
        return [m.name for m in todo]


async def waiting(dsn: str, folder: Path) -> list[Migration]:
    """What is still to apply, of both steps. Changes nothing. Raises `MigrationError` where the database is away."""
    connection = await _reached(dsn)
    try:
        known = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
        return pending(read(folder), await _digests(connection) if known else {})
    finally:
        await connection.close()


@asynccontextmanager
async def _alone(dsn: str) -> AsyncIterator[Session]:
    connection = await _reached(dsn)
    try:
        # asked for again and again: a session that waits inside a statement holds up CREATE INDEX CONCURRENTLY for ever
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 - another process's
            await asyncio.sleep(POLL_S)
        yield connection
    finally:
        await connection.close()


async def _reached(dsn: str) -> Session:
    """A connection, as soon as there is a database. Raises `MigrationError` with what stands in the way."""
    attempts = stamina.retry_context(
        on=_may_pass, attempts=None, timeout=PATIENCE_S, wait_initial=0.1, wait_max=PAUSE_S, wait_jitter=0.1
    )
    try:
        async for attempt in attempts:
            with attempt:
                try:
                    return await connect_to_any(dsn)
                except OUTAGES as error:
                    log.warning("migration.waiting", error=type(error).__name__, attempt=attempt.num)
                    raise
    except (*OUTAGES, asyncpg.PostgresError) as error:
        raise MigrationError(f"the database can't be used: {error or type(error).__name__}") from None
    raise AssertionError("unreachable")


def _may_pass(error: Exception) -> bool:
    return isinstance(error, OUTAGES) and not isinstance(error, asyncpg.ClientConfigurationError)


async def _applied(connection: Session) -> dict[str, str]:
    await connection.execute(_TABLE)
    return await _digests(connection)


async def _digests(connection: Session) -> dict[str, str]:
    rows = await connection.fetch("SELECT name, sha256 FROM schema_migrations")
    return {row["name"]: row["sha256"] for row in rows}


async def _refuse_the_old(connection: Session, migration: Migration) -> None:
    rows = await connection.fetch(_SESSIONS, SERVICE_NAMES)
    old = behind([row["application_name"] for row in rows], migration)
    if old:
        raise MigrationError(
            f"{migration.name} waits for {len(old)} connections of an older release: {', '.join(sorted(set(old)))}"
        )


async def _apply(connection: Session, migration: Migration) -> None:
    log.info("migration.applying", name=migration.name)
    try:
        # pauses let those pass who wait behind us, then it queues again
        attempts = stamina.retry_context(
            on=asyncpg.LockNotAvailableError,
            attempts=LOCK_TRIES,
            timeout=None,
            wait_initial=LOCK_PAUSE_S,
            wait_max=LOCK_PAUSE_S,
        )
        async for attempt in attempts:
            with attempt:
                try:
                    await _attempt(connection, migration)
                except asyncpg.LockNotAvailableError:
                    log.warning("migration.table_in_use", name=migration.name, attempt=attempt.num)
                    raise
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{migration.name}: {error}") from error


async def _attempt(connection: Session, migration: Migration) -> None:
    if not migration.transactional:
        await connection.execute(migration.sql)
        await _record(connection, migration)
        return
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
        await connection.execute(migration.sql)
        await _record(connection, migration)


async def _record(connection: Session, migration: Migration) -> None:
    await connection.execute(
        "INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", migration.name, migration.sha256
    )
