"""What the pre step does to a table in use is what a running release survives, as a linter of migrations sees it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.migration.releases import newest_release, released_files
from tests.migration.schema import ROOT, SERVICES, migrations_of

LINTER = Path(sys.executable).with_name("squawk")
NOT_OURS = (
    "prefer-robust-stmts",  # a file is one transaction and is recorded in it: it never runs again
    "require-timeout-settings",  # the migration sets the timeout for locks, and tries again
    "prefer-bigint-over-int",  # steps, units and epochs stay small
)


def faults(path: Path, text: str) -> list[str]:
    """Rule and line of everything that a running release may not survive."""
    excluded = [argument for rule in NOT_OURS for argument in ("--exclude", rule)]
    options = [] if text.startswith("-- no transaction") else ["--assume-in-transaction"]
    command = [str(LINTER), "--pg-version=18.0", "--reporter=json", *options, *excluded, "--stdin-filepath", path.name]
    answer = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert answer.stdout.startswith("["), answer.stderr
    return [f"{one['rule_name']} line {one['line'] + 1}: {one['message']}" for one in json.loads(answer.stdout)]


@pytest.mark.parametrize("service", SERVICES)
def test_a_new_file_of_the_pre_step_holds_no_table_and_takes_nothing_away(service: str) -> None:
    release = newest_release(ROOT)
    shipped = released_files(ROOT, release, f"services/{service}/migrations") if release else {}
    new = [path for path in sorted(migrations_of(service).rglob("*.sql")) if path.name not in shipped]
    first = [path for path in new if path.name.startswith("0001_")]  # nobody runs before it
    found = {
        path.name: faults(path, path.read_text()) for path in new if path not in first and ".post." not in path.name
    }
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("ALTER TABLE carts DROP COLUMN total;", "ban-drop-column"),
        ("ALTER TABLE carts RENAME COLUMN total TO sum;", "renaming-column"),
        ("ALTER TABLE carts ADD COLUMN x int NOT NULL;", "adding-required-field"),
        ("CREATE INDEX carts_total ON carts (total);", "require-concurrent-index-creation"),
        ("ALTER TABLE carts ADD CONSTRAINT c CHECK (total < 9);", "constraint-missing-not-valid"),
        ("ALTER TABLE carts ALTER COLUMN units TYPE bigint;", "changing-column-type"),
    ],
)
def test_what_a_running_release_would_not_survive_is_found(sql: str, rule: str) -> None:
    assert any(told.startswith(rule) for told in faults(Path("0009_x.sql"), sql))


def test_a_new_table_with_its_indexes_is_nobody_s_trouble() -> None:
    sql = "CREATE TABLE fresh (id bigint PRIMARY KEY, note text);\nCREATE INDEX fresh_note ON fresh (note);"
    assert faults(Path("0009_x.sql"), sql) == []
