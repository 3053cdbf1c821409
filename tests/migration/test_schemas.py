"""What the migrations add up to is what was reviewed, from nothing and from the last release."""

from pathlib import Path

import pytest

from libs.postgres.migrate import migrate
from tests.migration.releases import newest_release, released_files
from tests.migration.schema import ROOT, SERVICES, dump_schema, migrations_of, schema_file

OUTBOX = ROOT / "libs/outbox/schema.sql"
TWINS = {
    *("0006_orders.sql", "0006_orders_awaiting.sql", "0006_orders_merges.sql", "0008_erasure.sql"),
    *("0008_erasure_answers.sql", "0008_erasure_orders.sql", "0008_retention_orders.sql", "0004_erasure.sql"),
    *("0004_erasure_replies.sql", "0002_erasure.sql", "0002_erasure_carts.sql"),
}
"""They share their numbers; databases know them by their names, so they keep them."""


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_migrations_have_the_same_number(service: str) -> None:
    names = sorted(path.name for path in migrations_of(service).rglob("*.sql"))
    later = [name.partition("_")[0] for name in names if name not in TWINS]
    numbers = [*later, *{name.partition("_")[0] for name in names if name in TWINS}]
    assert later
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_from_nothing_make_the_reviewed_schema(service: str, empty_database: str) -> None:
    await migrate(empty_database, migrations_of(service))
    expected = schema_file(service).read_text(encoding="utf-8")
    assert dump_schema(empty_database) == expected, "look at the change, then: python -m tests.migration.schema"


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_from_the_last_release_make_the_same_schema(
    service: str, empty_database: str, tmp_path: Path
) -> None:
    release = newest_release(ROOT)
    shipped = released_files(ROOT, release, f"services/{service}/migrations") if release else {}
    print(f"from {release}: {', '.join(shipped)}" if shipped else "nothing was released yet: from an empty database")
    for name, sql in shipped.items():
        (tmp_path / name).write_text(sql, encoding="utf-8")
    before = await migrate(empty_database, tmp_path) if shipped else []
    pre = await migrate(empty_database, migrations_of(service))
    post = await migrate(empty_database, migrations_of(service), "post")
    assert sorted([*before, *pre, *post]) == sorted(p.name for p in migrations_of(service).rglob("*.sql"))
    assert dump_schema(empty_database) == schema_file(service).read_text(encoding="utf-8")


@pytest.mark.parametrize("service", SERVICES)
async def test_migrating_again_changes_nothing(service: str, empty_database: str) -> None:
    assert await migrate(empty_database, migrations_of(service))
    before = dump_schema(empty_database)
    assert await migrate(empty_database, migrations_of(service)) == []
    assert dump_schema(empty_database) == before


async def test_every_outbox_is_the_library_s(empty_database: str, tmp_path: Path) -> None:
    (tmp_path / "0001_outbox.sql").write_text(OUTBOX.read_text(encoding="utf-8"), encoding="utf-8")
    await migrate(empty_database, tmp_path)
    statements = dump_schema(empty_database).strip().split("\n\n")
    for service in SERVICES:
        kept = schema_file(service).read_text(encoding="utf-8").strip().split("\n\n")
        assert [one for one in kept if "outbox" in one] == [one for one in statements if "outbox" in one]


@pytest.mark.parametrize("service", ["trigger", "notifier", "console"])
def test_the_tables_of_erasure_are_the_library_s_word_for_word(service: str) -> None:
    schema = (ROOT / "libs/erasure/schema.sql").read_text(encoding="utf-8")
    assert sum(schema in path.read_text(encoding="utf-8") for path in migrations_of(service).rglob("*.sql")) == 1


def test_every_service_keeps_its_schema_here_and_nothing_else_is_kept() -> None:
    assert {"cart", "console", "notifier", "trigger"} <= set(SERVICES)
    assert sorted(path.stem for path in schema_file("cart").parent.iterdir()) == list(SERVICES)
