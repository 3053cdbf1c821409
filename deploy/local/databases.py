"""Create databases: `EVERCART_DSN=postgresql://… python -m deploy.local.databases NAME…`; those that exist are kept."""

import asyncio
import os
import sys

import asyncpg

from libs.postgres.hosts import connect_to_any


async def create_databases(dsn: str, names: list[str]) -> None:
    """Create what is missing on the server of `dsn`. Raises `asyncpg.PostgresError` or `OSError`."""
    connection = await connect_to_any(dsn, timeout=20)
    try:
        rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname = any($1::text[])", names)
        for name in set(names) - {row["datname"] for row in rows}:
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


if __name__ == "__main__":
    try:
        asyncio.run(create_databases(os.environ["EVERCART_DSN"], sys.argv[1:]))
    except (asyncpg.PostgresError, OSError) as failure:
        sys.exit(f"PostgreSQL refuses: {failure}")
