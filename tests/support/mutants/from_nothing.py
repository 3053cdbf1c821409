"""Tries a fault as a program that is started with it: the modules and the tests are loaded anew."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

import pytest

from tests.support.mutants.faults import ROOT, Fault

OPTIONS = ("-x", "-q", "--tb=no", "--hypothesis-profile=quick", "-p", "no:cacheprovider", "-p", "no:xdist")
NO_PYTHON = 77
"""What a process ends with whose fault was none: Cosmic Ray takes the star before keywords for a product."""


class WithFault(SourceFileLoader):
    """Loads one module with its fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.module, str(fault.path))
        self._code: CodeType = fault.code()

    def get_code(self, fullname: str) -> CodeType:
        """The code with the fault."""
        return self._code


class Sown(MetaPathFinder):
    """Finds one module with its fault, and leaves the others to whoever comes next."""

    def __init__(self, fault: Fault) -> None:
        self._loader = WithFault(fault)

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """Steps in for this module alone."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname == self._loader.name else None
        if spec:
            spec.loader = self._loader
        return spec


@dataclass(frozen=True)
class Watched:
    """What is known of a test: the seconds of the CPU that it takes, and in which files it calls functions."""

    seconds: float
    files: frozenset[str]


class Likely:
    """A plugin of pytest that begins with tests that call functions of the module with the fault, quickest first."""

    def __init__(self, fault: Fault, tests: Mapping[str, Watched]) -> None:
        self._file, self._tests = str(fault.path), tests

    def _rank(self, item: pytest.Item) -> tuple[bool, float]:
        known = self._tests.get(item.nodeid)
        return known is None or self._file not in known.files, known.seconds if known else 0.0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sorts them."""
        items.sort(key=self._rank)


def unit_tests(service: str, module: str | None) -> Iterator[list[str]]:
    """The files with unit tests of a service: those next to the module, for they are soon loaded, and the others."""
    tests = ROOT / "tests" / "unit" / service
    texts = {file: file.read_text() for file in sorted(tests.rglob("test_*.py"))}
    near = [file for file in texts if module and f"from {module} import" in texts[file]]
    yield [str(file) for file in near]
    yield [str(file) for file in texts if file not in near]


def status_of_tests(service: str, fault: Fault | None, tests: Mapping[str, Watched]) -> int:
    """Runs the tests until one fails; 0 where none did."""
    try:
        sys.meta_path[:0] = [Sown(fault)] if fault else []
    except SyntaxError:
        return NO_PYTHON
    plugins = [Likely(fault, tests)] if fault else []
    for files in unit_tests(service, fault.module if fault else None):
        if files and (status := pytest.main([*OPTIONS, *files], plugins=plugins)) != 0:
            return int(status)
    return 0
