"""Tries a fault as a program that is started with it: the modules and the tests are loaded anew."""

import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

import pytest

from tests.support.mutants.faults import ROOT, Fault

OPTIONS = ("-x", "-q", "--hypothesis-profile=quick", "-p", "no:cacheprovider", "-p", "no:xdist")
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


def unit_tests(service: str, module: str | None) -> Iterator[list[str]]:
    """The files with unit tests of a service, those that are likely to notice first: next to the module, pure, all."""
    tests = ROOT / "tests" / "unit" / service
    texts = {file: file.read_text() for file in sorted(tests.rglob("test_*.py"))}
    pure = [file for file in texts if file.is_relative_to(tests / "domain")]
    near = [file for file in pure if module and f"from {module} import" in texts[file]]
    yield [str(file) for file in near]
    yield [str(file) for file in pure if file not in near]
    yield [str(file) for file in texts if file not in pure]


def status_of_tests(service: str, fault: Fault | None) -> int:
    """Runs the tests until one fails; 0 where none did."""
    try:
        sys.meta_path[:0] = [Sown(fault)] if fault else []
    except SyntaxError:
        return NO_PYTHON
    for files in unit_tests(service, fault.module if fault else None):
        if files and (status := pytest.main([*OPTIONS, *files])) != 0:
            return int(status)
    return 0
