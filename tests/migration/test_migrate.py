"""Migrations are applied once, by one process at a time, whole or not at all."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from libs.postgres.migrate import MigrationError, migrate

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
