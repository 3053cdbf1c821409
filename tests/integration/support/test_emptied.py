"""A database that serves test after test is as new for each of them, or it is another one."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.trigger.main import MIGRATIONS
from tests.support import emptied
from tests.support.emptied import Databases

FILL = (
    "INSERT INTO campaign_files (store_id) VALUES ('shop')",
    "INSERT INTO outbox (topic, key, value, headers) VALUES ('topic', 'key', 'value', '{}')",
    "VACUUM carts, outbox",
)


@pytest.fixture
async def databases(postgres_server: str) -> AsyncIterator[Databases]:
    made = Databases(postgres_server)
    yield made
    await made.close()


async def told(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def state(dsn: str) -> list[tuple[object, ...]]:
    """All rows, where each sequence stands, what is counted of a table, and how large it is."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = [name for (name,) in await connection.fetch("SELECT relid::regclass::text FROM pg_stat_user_tables")]
        asked = [f"SELECT '{name}', * FROM {name}" for name in sorted(tables)]
        asked.append("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
        asked.append(
            "SELECT relname, n_tup_ins, n_tup_upd, n_live_tup FROM pg_stat_user_tables WHERE n_tup_ins > 0 ORDER BY 1"
        )
        asked.append(
            "SELECT relname, pg_relation_size(oid), relpages, reltuples FROM pg_class WHERE relkind IN ('r', 'i')"
            " AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace) AND oid >= 16384 ORDER BY 1"
        )
        return [tuple(row) for one in asked for row in await connection.fetch(one)]
    finally:
        await connection.close()


async def test_rows_are_gone_and_numbers_begin_anew(databases: Databases) -> None:
    dsn = await databases.make(MIGRATIONS)
    new = await state(dsn)
    for _ in range(3):
        await told(dsn, *FILL)
        assert await state(dsn) != new
        await databases.give_back(dsn)
        assert await databases.make(MIGRATIONS) == dsn
        assert await state(dsn) == new
    await databases.give_back(dsn)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (id int)",
        "ALTER TABLE campaign_files ADD COLUMN more text",
        "CREATE INDEX more ON campaign_files (store_id)",
        "UPDATE erasure_salt SET salt = 'another'",
        "INSERT INTO campaign_files (store_id) VALUES ('shop'); ANALYZE campaign_files",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 64', current_database()); END $$",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 5', current_database()); END $$",
    ],
)
async def test_whatever_else_was_changed_the_next_test_has_another(databases: Databases, change: str) -> None:
    dsn = await databases.make(MIGRATIONS)
    await told(dsn, change)
    await databases.give_back(dsn)
    following = await databases.make(MIGRATIONS)
    assert following != dsn
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(dsn)
    await databases.give_back(following)


async def test_where_somebody_is_still_there_the_next_test_has_another(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emptied, "_ALONE_WITHIN_S", 0.05)
    dsn = await databases.make(MIGRATIONS)
    still_there = await asyncpg.connect(dsn)
    await databases.give_back(dsn)
    following = await databases.make(MIGRATIONS)
    assert following != dsn
    await databases.give_back(following)
    still_there.terminate()
