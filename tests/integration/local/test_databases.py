"""A stack's databases are made and migrated in one go, as often as the stack starts."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import databases
from deploy.local.databases import database_of, prepare
from libs.postgres.migrate import MigrationError
from tests.support.databases import drop_database, run_aside

SERVICES = ["cart", "trigger"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(databases, "SERVICES", tmp_path)
    for service in SERVICES:
        (tmp_path / service / "migrations").mkdir(parents=True)
        (tmp_path / service / "migrations" / "0001_initial.sql").write_text(f"CREATE TABLE of_{service} (id int);")
    return tmp_path


@pytest.fixture
def stack(postgres_server: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex}"
    yield name
    for service in SERVICES:
        run_aside(drop_database(postgres_server, database_of(postgres_server, f"{name}_{service}")))


async def rows(dsn: str, query: str) -> list[object]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_each_service_has_its_tables_and_a_later_start_adds_what_is_new(
    postgres_server: str, folder: Path, stack: str
) -> None:
    await prepare(postgres_server, stack, SERVICES)
    (folder / "cart" / "migrations" / "0002_more.sql").write_text("ALTER TABLE of_cart ADD COLUMN more int;")
    (folder / "cart" / "migrations" / "0003_less.post.sql").write_text("ALTER TABLE of_cart DROP COLUMN id;")
    await prepare(postgres_server, stack, SERVICES)
    cart, trigger = (database_of(postgres_server, f"{stack}_{service}") for service in SERVICES)
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name LIKE 'of%'"
    assert await rows(cart, columns) == ["more"]
    assert await rows(trigger, columns) == ["id"]


async def test_a_migration_that_fails_is_told_with_its_service(postgres_server: str, folder: Path, stack: str) -> None:
    (folder / "trigger" / "migrations" / "0002_wrong.sql").write_text("SELEC 1")
    with pytest.raises(MigrationError, match=r"^trigger: 0002_wrong\.sql: syntax error"):
        await prepare(postgres_server, stack, SERVICES)
