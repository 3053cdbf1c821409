"""What PostgreSQL's own types are is asked once in a process; what a database has added, on each connection."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.postgres.pool import Session, connect

LISTS: dict[str, list[Any]] = {
    "bigint[]": [1, 2**40],
    "boolean[]": [True, False],
    "double precision[]": [0.5],
    "jsonb[]": ['{"a": 1}'],
    "timestamptz[]": [datetime(2024, 2, 29, tzinfo=UTC)],
    "uuid[]": [UUID(int=7)],
}


@pytest.fixture
async def sessions(postgres_server: str) -> AsyncIterator[list[Session]]:
    opened = [await connect(postgres_server) for _ in range(2)]
    yield opened
    for each in opened:
        await each.close()


def questions(session: Session) -> list[str]:
    """What the session asks the server from now on."""
    asked: list[str] = []
    session.add_query_logger(lambda record: asked.append(record.query))
    return asked


@pytest.mark.parametrize("kind", LISTS)
async def test_only_the_first_connection_asks_what_lists_are(sessions: list[Session], kind: str) -> None:
    """Story: of the CPU that PostgreSQL took for the tests a quarter went into telling what a `bigint[]` is."""
    first, second = sessions
    assert await first.fetchval(f"SELECT $1::{kind}", LISTS[kind]) == LISTS[kind]
    asked = questions(second)
    assert await second.fetchval(f"SELECT $1::{kind}", LISTS[kind]) == LISTS[kind]
    assert await second.fetchval(f"SELECT count(*) FROM unnest($1::{kind})", LISTS[kind]) == len(LISTS[kind])
    await asyncio.sleep(0)  # asyncpg tells of a question in the loop's next turn
    assert asked == [f"SELECT $1::{kind}", f"SELECT count(*) FROM unnest($1::{kind})"]


async def test_types_of_a_database_are_asked_for_on_each_connection(sessions: list[Session]) -> None:
    """Two databases may give different types of their own the same number."""
    first, second = sessions
    name = f"pair_{uuid4().hex}"
    await first.execute(f"CREATE TYPE {name} AS (a text, b bigint[])")
    try:
        for each in (first, second):
            asked = questions(each)
            (pair,) = await each.fetchval(f"SELECT ARRAY[ROW('x', '{{1,2}}')::{name}]")
            assert (pair["a"], pair["b"]) == ("x", [1, 2])
            await asyncio.sleep(0)
            assert len(asked) > 1
    finally:
        await first.execute(f"DROP TYPE {name}")


async def test_types_that_a_cluster_has_numbered_itself_are_asked_for_on_each_connection(
    sessions: list[Session],
) -> None:
    """A process outlives a failover to a server of another release, which may have given the number to another type."""
    for each in sessions:
        asked = questions(each)
        assert await each.fetchval("SELECT ARRAY['a'::information_schema.sql_identifier]") == ["a"]
        await asyncio.sleep(0)
        assert len(asked) > 1
