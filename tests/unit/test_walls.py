"""Walls of the design that import-linter can't see: who commits, who reads the clock, how long a file may be."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for top in ("services", "libs", "deploy") for path in (ROOT / top).rglob("*.py"))
QUERIES = [
    path
    for path in SOURCES
    if path.parent.name == "db"
    or path == ROOT / "libs/erasure/store.py"
    or path.relative_to(ROOT).parts[1] in ("outbox", "inbox")
]
CLOCKS = {"datetime.now", "datetime.utcnow", "time.time", "utc_now"}
OF_THE_MACHINE = {"services/cart/auth/jwt.py", "services/cart/api/routes/streams.py"}
"""PyJWT compares a token's expiry with the machine's clock, so what remembers its answer does the same."""
LAYOUT = {"pyproject.toml", "README.md", "LICENSE", "services", "libs", "deploy", "tests", "docker-compose.yml"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(path: Path) -> Iterator[str]:
    """What a file calls: the last part of each name, and the last two where there are two."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr
            if isinstance(node.func.value, ast.Name):
                yield f"{node.func.value.id}.{node.func.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


@pytest.mark.parametrize("path", QUERIES, ids=name)
def test_a_query_uses_the_caller_s_transaction_and_never_ends_it(path: Path) -> None:
    assert "transaction" not in set(calls(path))


@pytest.mark.parametrize("service", ["cart", "trigger", "notifier"])
def test_a_service_reads_the_clock_that_it_is_given(service: str) -> None:
    of_service = [path for path in SOURCES if path.is_relative_to(ROOT / "services" / service)]
    reading = {name(path) for path in of_service if CLOCKS & set(calls(path))}
    assert reading - OF_THE_MACHINE == set()


def test_no_source_file_is_longer_than_300_lines() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > 300} == {}


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]}
    assert [name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_the_top_level_holds_what_the_layout_names_and_nothing_else() -> None:
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert {entry for entry in listed if not entry.startswith(".")} == LAYOUT
