"""The look back at the last release finds it, and an upgrade that breaks what was shipped is caught."""

import subprocess
from pathlib import Path

import pytest

from libs.postgres.migrate import MigrationError, migrate
from tests.migration.releases import newest_release, released_files
from tests.migration.schema import dump_schema

FIRST = "CREATE TABLE carts (id int PRIMARY KEY);\n"
SECOND = "ALTER TABLE carts ADD COLUMN note text;\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql/0001_initial.sql").write_text(FIRST)
    commit(tmp_path)
    return tmp_path


def git(repository: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", repository, *who, *arguments], check=True, capture_output=True)


def commit(repository: Path) -> None:
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")


def release(repository: Path, tag: str) -> None:
    git(repository, "tag", tag)


def test_without_a_tag_nothing_was_released(repository: Path, tmp_path: Path) -> None:
    assert newest_release(repository) is None
    assert newest_release(tmp_path / "sql/absent") is None


def test_the_newest_release_is_the_highest_version_and_not_the_last_word(repository: Path) -> None:
    for tag in ("v0.9.0", "v0.10.0", "v0.2.0", "vnext", "nightly"):
        release(repository, tag)
    assert newest_release(repository) == "v0.10.0"


def test_a_release_from_another_branch_does_not_count(repository: Path) -> None:
    release(repository, "v1.0.0")
    git(repository, "checkout", "-q", "-b", "two")
    git(repository, "commit", "-q", "--allow-empty", "-m", "two")
    release(repository, "v2.0.0")
    git(repository, "checkout", "-q", "main")
    assert newest_release(repository) == "v1.0.0"


def test_a_release_has_the_files_of_its_time(repository: Path) -> None:
    release(repository, "v1.0.0")
    (repository / "sql/0002_note.sql").write_text(SECOND)
    commit(repository)
    assert released_files(repository, "v1.0.0", "sql") == {"0001_initial.sql": FIRST}
    assert released_files(repository, "HEAD", "sql") == {"0001_initial.sql": FIRST, "0002_note.sql": SECOND}


async def test_a_file_that_was_changed_after_its_release_is_refused(repository: Path, empty_database: str) -> None:
    release(repository, "v1.0.0")
    await migrate(empty_database, repository / "sql")
    (repository / "sql/0001_initial.sql").write_text(FIRST.replace("int", "bigint"))
    with pytest.raises(MigrationError, match=r"0001_initial\.sql"):
        await migrate(empty_database, repository / "sql")


async def test_the_dump_shows_a_difference_of_one_word(empty_database: str, repository: Path) -> None:
    await migrate(empty_database, repository / "sql")
    before = dump_schema(empty_database)
    (repository / "sql/0002_note.sql").write_text(SECOND)
    await migrate(empty_database, repository / "sql")
    assert before != dump_schema(empty_database)
    assert "note text" in dump_schema(empty_database)
    assert "schema_migrations" not in before
