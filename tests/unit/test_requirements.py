"""The pinned requirement files are those of pyproject.toml; after a change there run deploy/requirements/compile."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[Any]] = PROJECT["dependency-groups"]
COMPILED = [name for name in GROUPS if name != "shared"]
HERE = [name for name in COMPILED if name != "audit"]
"""Of which everything is installed where tests run."""
LEFT_OUT = {"yattag"}
"""What deploy/requirements/compile leaves out on purpose."""
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; .*)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def text(group: str) -> str:
    return (ROOT / f"deploy/requirements/{group}.txt").read_text(encoding="utf-8")


def pins(group: str) -> dict[str, str]:
    """Name → version."""
    return {found[1]: found[2] for found in _PIN.finditer(text(group))}


def wanted(group: str) -> Iterator[Requirement]:
    """What a group asks for, with the groups that it includes."""
    for entry in GROUPS[group]:
        if isinstance(entry, str):
            yield Requirement(entry)
        else:
            yield from wanted(entry["include-group"])


def closure(requirements: Iterable[Requirement]) -> set[str]:
    """The names of all packages that these need on this machine, by what the installed ones say."""
    seen: set[tuple[str, str]] = set()
    todo = [(r.name, extra) for r in requirements for extra in ("", *r.extras)]
    while todo:
        name, extra = todo.pop()
        if (canonicalize_name(name), extra) in seen or canonicalize_name(name) in LEFT_OUT:
            continue
        seen.add((canonicalize_name(name), extra))
        for needed in map(Requirement, requires(name) or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                todo += [(needed.name, e) for e in ("", *needed.extras)]
    return {name for name, _ in seen}


@pytest.mark.parametrize("group", COMPILED)
def test_every_line_of_a_requirement_file_is_a_pin_with_hashes(group: str) -> None:
    assert pins(group)
    assert _PIN.sub("", text(group)).strip() == ""


@pytest.mark.parametrize("group", COMPILED)
def test_what_a_group_asks_for_is_pinned_within_its_bounds(group: str) -> None:
    pinned = pins(group)
    for requirement in wanted(group):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in {group}.txt"
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement} is pinned to {version}"


@pytest.mark.parametrize("group", HERE)
def test_what_the_packages_need_is_pinned_too(group: str) -> None:
    assert closure(wanted(group)) - set(pins(group)) == set()


@pytest.mark.parametrize("group", [g for g in HERE if g != "dev"])
def test_a_service_runs_with_the_versions_that_were_tested(group: str) -> None:
    assert pins(group).items() <= pins("dev").items()


def test_there_is_a_file_for_every_group_and_no_other() -> None:
    assert {path.stem for path in (ROOT / "deploy/requirements").glob("*.txt")} == set(COMPILED)
    compiled = (ROOT / "deploy/requirements/compile").read_text(encoding="utf-8")
    assert all(re.search(rf"\b{group}\b", compiled) for group in COMPILED)
