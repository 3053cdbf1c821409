"""Each worker of a run begins to collect elsewhere, and all have the same tests in the end."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.collecting import in_turn, part_of, parts, shares

TESTS = Path(__file__).resolve().parents[2]


def test_all_tests_are_in_a_part_and_in_one():
    known = parts(TESTS)
    assert known == sorted(set(known))
    for path in TESTS.rglob("test_*.py"):
        assert part_of(f"{path.relative_to(TESTS.parent).as_posix()}::test_it[a/b]") in known


def test_what_is_no_test_is_no_part(tmp_path: Path):
    for name in ("unit/a/b/test_it.py", "unit/test_own.py", "unit/conftest.py", "support/data/it.json", "conftest.py"):
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert parts(tmp_path / "tests") == ["tests/unit/a", "tests/unit/test_own.py"]


def test_each_worker_begins_elsewhere_and_leaves_nothing_out():
    assert [in_turn("abcdefgh", number, 4) for number in range(4)] == [
        list("abcdefgh"),
        list("cdefghab"),
        list("efghabcd"),
        list("ghabcdef"),
    ]
    assert in_turn("abc", 0, 1) == list("abc")
    assert sorted(in_turn("abc", 3, 5)) == list("abc")


def test_stories_that_share_a_stack_stay_with_one_worker_and_the_rest_is_spread():
    a, b = (SimpleNamespace(name=name, fixturenames=["flow", "kafka"]) for name in "ab")
    c, d, e = (SimpleNamespace(name=name, fixturenames=["kafka"]) for name in "cde")
    waiting: Any = [c, a, d, b, e]
    assert shares(waiting, 1) == [[a, b, c, d, e]]
    assert shares(waiting, 2) == [[a, b], [c, d, e]]
    assert shares(waiting, 3) == [[a, b], [c, e], [d]]
