"""Fresh databases for tests, cloned from a template that is migrated once per schema and server."""

import asyncio
import hashlib
import os
import threading
import uuid
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from libs.postgres.migrate import migrate

T = TypeVar("T")


def with_database(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def run_aside(work: Coroutine[None, None, T]) -> T:
    """Run a coroutine to its end from synchronous code, even where the caller's thread already runs a loop."""
    return asyncio.run_coroutine_threadsafe(work, _loop_aside(os.getpid())).result()


@cache
def _loop_aside(_process: int) -> asyncio.AbstractEventLoop:
    """One for all that is run aside in a process; connections live on in it from test to test."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="aside", daemon=True).start()
    return loop


async def create_database(admin_dsn: str, migrations: Path) -> str:
    """Make a database with the schema of the folder `migrations`; gives its DSN."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        return with_database(admin_dsn, await _copied(admin, await _template(admin, admin_dsn, migrations)))
    finally:
        await admin.close()


async def copy_database(admin_dsn: str, dsn: str) -> str:
    """Make a database with all that one holds to which nobody is connected; gives the DSN of the copy."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        return with_database(admin_dsn, await _copied(admin, urlsplit(dsn).path.strip("/")))
    finally:
        await admin.close()


async def drop_database(admin_dsn: str, dsn: str) -> None:
    """Remove a database made by `create_database`, whoever is still connected to it."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{urlsplit(dsn).path.strip("/")}" WITH (FORCE)')
    finally:
        await admin.close()


async def _copied(admin: "asyncpg.Connection[asyncpg.Record]", template: str) -> str:
    name = f"t_{uuid.uuid4().hex}"
    # on a server that need not survive a crash, copying files is quicker than logging pages
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return name


async def _template(admin: "asyncpg.Connection[asyncpg.Record]", admin_dsn: str, migrations: Path) -> str:
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in sorted(migrations.rglob("*.sql"))))
    name = f"template_{digest.hexdigest()[:32]}"
    lock = int.from_bytes(digest.digest()[:8], signed=True)
    await admin.execute("SELECT pg_advisory_lock($1)", lock)
    try:
        if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            draft = f"{name}_draft"
            await admin.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
            await admin.execute(f'CREATE DATABASE "{draft}"')
            await migrate(with_database(admin_dsn, draft), migrations)
            await admin.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
    finally:
        await admin.execute("SELECT pg_advisory_unlock($1)", lock)
    return name
