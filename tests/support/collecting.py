"""In which order the workers of a run collect its tests."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pytest

_DEPTH = 3
"""A part of the tests is what lies so deep, such as `tests/unit/cart`."""


def parts(tests: Path) -> list[str]:
    """The folders and files two floors below a folder, by their names."""
    found = [path for floor in tests.iterdir() if floor.is_dir() for path in floor.iterdir()]
    wanted = [path for path in found if _is_part(path)]
    return sorted(path.relative_to(tests.parent).as_posix() for path in [*wanted, *tests.glob("test_*.py")])


def _is_part(path: Path) -> bool:
    return any(path.rglob("test_*.py")) if path.is_dir() else path.match("test_*.py")


def in_turn(all_parts: Sequence[str], number: int, workers: int) -> list[str]:
    """The parts as worker `number` of some, from 0, collects them.

    Each begins elsewhere. All have to import all tests, and side by side they would all compile the same file.
    """
    beginning = number * len(all_parts) // workers
    return [*all_parts[beginning:], *all_parts[:beginning]]


def part_of(test: str) -> str:
    """The part to which a test belongs, by its id."""
    return str(PurePosixPath(*PurePosixPath(test.partition("::")[0]).parts[:_DEPTH]))


def shares(waiting: Sequence[pytest.Item], number: int) -> list[list[pytest.Item]]:
    """Tests that wait for processes, for so many workers: those that share a stack for one, the others for the rest."""
    together = [item for item in waiting if "flow" in getattr(item, "fixturenames", ())]
    apart = [item for item in waiting if item not in together]
    if number == 1:
        return [[*together, *apart]]
    return [together, *(apart[one :: number - 1] for one in range(number - 1))]
