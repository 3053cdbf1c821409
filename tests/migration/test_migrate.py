"""Migrations are applied once, by one process at a time, whole or not at all."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from libs.postgres.migrate import MigrationError, migrate, waiting

TABLE = "CREATE TABLE thing (id int PRIMARY KEY, note text);\n"
INDEX = "-- no transaction\nCREATE INDEX CONCURRENTLY thing_note ON thing (note);\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_initial.sql").write_text(TABLE)
    return tmp_path


async def fetch(dsn: str, query: str) -> list[object]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def applied(dsn: str) -> list[object]:
    return await fetch(dsn, "SELECT name FROM schema_migrations ORDER BY applied_at")


async def test_files_are_applied_in_the_order_of_their_names(folder: Path, empty_database: str) -> None:
    (folder / "0010_last.sql").write_text("ALTER TABLE thing DROP COLUMN extra;")
    (folder / "0002_next.sql").write_text("ALTER TABLE thing ADD COLUMN extra int;")
    assert await migrate(empty_database, folder) == ["0001_initial.sql", "0002_next.sql", "0010_last.sql"]


async def test_a_full_folder_goes_on_in_another_below_it(folder: Path, empty_database: str) -> None:
    (folder / "0010_last.sql").write_text("ALTER TABLE thing DROP COLUMN extra;")
    (folder / "0002").mkdir()
    (folder / "0002" / "0002_next.sql").write_text("ALTER TABLE thing ADD COLUMN extra int;")
    assert await migrate(empty_database, folder) == ["0001_initial.sql", "0002_next.sql", "0010_last.sql"]


async def test_four_at_once_apply_every_file_once(folder: Path, empty_database: str) -> None:
    (folder / "0002_index.sql").write_text(INDEX)
    outcomes = await asyncio.gather(*(migrate(empty_database, folder) for _ in range(4)))
    assert sorted(map(len, outcomes)) == [0, 0, 0, 2]
    assert await applied(empty_database) == ["0001_initial.sql", "0002_index.sql"]


async def test_a_file_that_fails_leaves_nothing_of_itself(folder: Path, empty_database: str) -> None:
    (folder / "0002_bad.sql").write_text("CREATE TABLE half (id int);\nINSERT INTO thing VALUES ('x');")
    with pytest.raises(MigrationError, match=r"0002_bad\.sql"):
        await migrate(empty_database, folder)
    assert await applied(empty_database) == ["0001_initial.sql"]
    assert await fetch(empty_database, "SELECT to_regclass('half')::text") == [None]
    (folder / "0002_bad.sql").write_text("CREATE TABLE half (id int);")
    assert await migrate(empty_database, folder) == ["0002_bad.sql"]


async def test_an_applied_file_that_was_changed_is_refused(folder: Path, empty_database: str) -> None:
    await migrate(empty_database, folder)
    (folder / "0001_initial.sql").write_text(TABLE + "-- a thought that came later\n")
    (folder / "0002_next.sql").write_text("CREATE TABLE next (id int);")
    with pytest.raises(MigrationError, match=r"0001_initial\.sql was changed"):
        await migrate(empty_database, folder)
    assert await applied(empty_database) == ["0001_initial.sql"]


async def test_an_index_is_built_beside_running_work(folder: Path, empty_database: str) -> None:
    (folder / "0002_index.sql").write_text(INDEX)
    assert await migrate(empty_database, folder) == ["0001_initial.sql", "0002_index.sql"]
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'thing_note'::regclass"
    assert await fetch(empty_database, valid) == [True]


async def test_a_folder_without_migrations_is_an_error(tmp_path: Path, empty_database: str) -> None:
    with pytest.raises(MigrationError, match="no migrations"):
        await migrate(empty_database, tmp_path)


async def test_a_new_database_takes_both_steps_at_once(folder: Path, empty_database: str) -> None:
    (folder / "0002_drop.post.sql").write_text("ALTER TABLE thing DROP COLUMN note;")
    assert await migrate(empty_database, folder) == ["0001_initial.sql", "0002_drop.post.sql"]


async def test_what_a_running_release_would_not_survive_waits_for_the_post_step(
    folder: Path, empty_database: str
) -> None:
    await migrate(empty_database, folder)
    (folder / "0002_add.sql").write_text("ALTER TABLE thing ADD COLUMN words text;")
    (folder / "0003_drop.post.sql").write_text("ALTER TABLE thing DROP COLUMN note;")
    with pytest.raises(MigrationError, match=r"0002_add\.sql belongs to the pre step"):
        await migrate(empty_database, folder, "post")
    assert [one.name for one in await waiting(empty_database, folder)] == ["0002_add.sql", "0003_drop.post.sql"]
    assert await migrate(empty_database, folder, "pre") == ["0002_add.sql"]
    assert await migrate(empty_database, folder, "pre") == []
    assert await migrate(empty_database, folder, "post") == ["0003_drop.post.sql"]
    assert await waiting(empty_database, folder) == []


@pytest.mark.parametrize("old", ["cart", "cart 0001"])
async def test_the_post_step_waits_for_the_processes_of_an_older_release(
    folder: Path, empty_database: str, old: str
) -> None:
    await migrate(empty_database, folder)
    (folder / "0002_drop.post.sql").write_text("ALTER TABLE thing DROP COLUMN note;")
    running = await asyncpg.connect(empty_database, server_settings={"application_name": old})
    current = await asyncpg.connect(empty_database, server_settings={"application_name": "cart 0002"})
    try:
        with pytest.raises(MigrationError, match=f"0002_drop.post.sql waits for 1 connections .*: {old}$"):
            await migrate(empty_database, folder, "post")
        assert await applied(empty_database) == ["0001_initial.sql"]
        await running.close()
        assert await migrate(empty_database, folder, "post") == ["0002_drop.post.sql"]
    finally:
        await current.close()


async def test_a_table_in_use_is_waited_for_without_holding_others_up(
    folder: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.postgres.migrate.LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr("libs.postgres.migrate.LOCK_PAUSE_S", 0.01)
    await migrate(empty_database, folder)
    (folder / "0002_add.sql").write_text("ALTER TABLE thing ADD COLUMN words text;")
    reader = await asyncpg.connect(empty_database)
    writer = await asyncpg.connect(empty_database)
    try:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM thing")  # a report that takes long
            migrating = asyncio.create_task(migrate(empty_database, folder))
            for number in range(50):  # each would wait for the report if the migration stayed in the queue
                await writer.execute("INSERT INTO thing VALUES ($1, 'x')", number)
            assert not migrating.done()
        assert await migrating == ["0002_add.sql"]
        assert await writer.fetchval("SELECT count(*) FROM thing") == 50
    finally:
        await reader.close()
        await writer.close()


async def test_a_table_that_stays_in_use_ends_the_migration_with_its_name(
    folder: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LOCK_TIMEOUT_MS": 20, "LOCK_PAUSE_S": 0, "LOCK_TRIES": 2}.items():
        monkeypatch.setattr(f"libs.postgres.migrate.{name}", value)
    await migrate(empty_database, folder)
    (folder / "0002_add.sql").write_text("ALTER TABLE thing ADD COLUMN words text;")
    reader = await asyncpg.connect(empty_database)
    try:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM thing")
            with pytest.raises(MigrationError, match=r"0002_add\.sql: .*lock timeout"):
                await migrate(empty_database, folder)
    finally:
        await reader.close()
    assert await applied(empty_database) == ["0001_initial.sql"]
