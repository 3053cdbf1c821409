"""Services ask the clock that they were given, which is their database's, and never the machine's."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLOCKS = {"utc_now", "now", "utcnow", "time", "time_ns", "today"}
MODULES = {"datetime", "time", "date"}


def asked(source: str) -> Iterator[int]:
    """The lines on which a module asks the machine what time it is."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "utc_now":
            yield node.lineno
        if isinstance(called, ast.Attribute) and called.attr in CLOCKS and ast.unparse(called.value) in MODULES:
            yield node.lineno


def test_no_service_asks_the_clock_of_its_machine() -> None:
    """Story: a host with a slow clock switched campaigns on two hours ago, and one with a fast clock forgot why."""
    sources = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "services").rglob("*.py")}
    assert len(sources) > 100
    assert not [f"{name}:{line}" for name, text in sources.items() for line in asked(text)]


def test_the_clocks_are_known() -> None:
    text = "utc_now()\ntime.time()\ndatetime.now(UTC)\ndate.today()\nclock()\ntime.monotonic()\nself.now()\n"
    assert list(asked(text)) == [1, 2, 3, 4]


def test_the_trigger_knows_no_clock_of_its_machine() -> None:
    """It compares moments all the time: not even as a default."""
    sources = (ROOT / "services/trigger").rglob("*.py")
    assert not [path.name for path in sources if "utc_now" in path.read_text()]
