"""Make a stack's databases, of this release's schema: `EVERCART_DSN=… python -m deploy.local.databases STACK SERVICE…`.

What is there stays. All in one process: to load a service takes longer than its migrations do.
"""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import structlog

from libs.postgres.hosts import connect_to_any
from libs.postgres.migrate import MigrationError, migrate
from libs.runtime.logging import configure_logging

SERVICES = Path(__file__).resolve().parents[2] / "services"


async def create_databases(dsn: str, names: list[str]) -> None:
    """Create what is missing on the server of `dsn`. Raises `asyncpg.PostgresError` or `OSError`."""
    connection = await connect_to_any(dsn, timeout=20)
    try:
        rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname = any($1::text[])", names)
        for name in set(names) - {row["datname"] for row in rows}:
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def prepare(dsn: str, stack: str, services: list[str]) -> None:
    """Create and migrate the databases `STACK_SERVICE`. Raises `MigrationError`, too, which names the service."""
    names = {service: f"{stack}_{service}" for service in services}
    await create_databases(dsn, list(names.values()))
    await asyncio.gather(*(_migrate(database_of(dsn, name), service) for service, name in names.items()))


def database_of(dsn: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def _migrate(dsn: str, service: str) -> None:
    structlog.contextvars.bind_contextvars(database=service)
    try:
        await migrate(dsn, SERVICES / service / "migrations", "pre")
        await migrate(dsn, SERVICES / service / "migrations", "post")
    except MigrationError as error:
        raise MigrationError(f"{service}: {error}") from None


if __name__ == "__main__":
    configure_logging("databases", fmt="console")
    try:
        asyncio.run(prepare(os.environ["EVERCART_DSN"], sys.argv[1], sys.argv[2:]))
    except MigrationError as failure:
        sys.exit(str(failure))
    except (asyncpg.PostgresError, OSError) as failure:
        sys.exit(f"PostgreSQL refuses: {failure}")
