"""An empty database of a test's own."""

import uuid
from collections.abc import Iterator

import asyncpg
import pytest

from tests.support.databases import drop_database, run_aside, with_database


async def _create(admin_dsn: str) -> str:
    admin = await asyncpg.connect(admin_dsn)
    try:
        name = f"t_{uuid.uuid4().hex}"
        await admin.execute(f'CREATE DATABASE "{name}"')
    finally:
        await admin.close()
    return with_database(admin_dsn, name)


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """The DSN of a database in which nothing is; dropped after the test."""
    dsn = run_aside(_create(postgres_server))
    yield dsn
    run_aside(drop_database(postgres_server, dsn))
