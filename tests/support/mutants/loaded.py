"""Tries a fault inside a function where everything is loaded already, by the tests that call this function.

A fault that goes unnoticed here may still be noticed by a program that is started with it: what the function gave while
modules were loaded has been made without the fault.
"""

import ast
import gc
import os
import pickle
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from cProfile import Profile
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests.support.mutants.apart import BROKEN, fork, fork_and_tell, say, unattended, wait
from tests.support.mutants.faults import ROOT, Fault
from tests.support.mutants.from_nothing import NO_PYTHON, OPTIONS, Watched

READY = -1
"""Told in place of the number of a fault, with the status of the tests as they are."""
PURE = str(ROOT / "services") + os.sep

Tell = Callable[[int, int, int], None]
"""Hears the number of a fault, the status of the process that tried it, and how many seconds of the CPU it took."""
Place = tuple[str, int, str]
"""A function by its file, its first line and its qualified name."""


def place(code: CodeType) -> Place:
    """Where a function stands."""
    return code.co_filename, code.co_firstlineno, code.co_qualname


@cache
def _functions(path: Path) -> list[tuple[int, int, int]]:
    """The functions of a module that are in no other: first line, with decorators, and those of the body."""

    def within(body: Sequence[ast.stmt]) -> Iterator[tuple[int, int, int]]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                yield from within(node.body)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min(part.lineno for part in (node, *node.decorator_list))
                yield first, node.body[0].lineno, node.end_lineno or node.lineno

    return list(within(ast.parse(path.read_text()).body))


def function_of(fault: Fault) -> int | None:
    """The first line of the function that a fault is in; None where it is met while the module is loaded."""
    lines = (first for first, body, last in _functions(fault.path) if body <= fault.line <= last)
    return next(lines, None)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _codes(const)


def functions_loaded() -> dict[Place, list[FunctionType]]:
    """The functions of services that there are by now."""
    gc.unfreeze()  # what is frozen, as all that pytest has collected is, would not be told
    found: dict[Place, list[FunctionType]] = defaultdict(list)
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(PURE):
            found[place(one.__code__)].append(one)
    gc.freeze()
    return found


class Loaded:
    """A plugin of pytest that runs no test of its own accord, but those that a fault may concern, fault by fault."""

    def __init__(self, faults: Sequence[Fault], requests: int, tests: int, tell: Tell) -> None:
        self._faults, self._requests, self._tests, self._tell = faults, requests, tests, tell
        self._calling: dict[Place, list[tuple[float, int]]] = {}
        self._session: pytest.Session

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Tries the faults whose numbers come in, a line each, until no more come."""
        self._session = session
        status, cpu_s = self._watch_calls()
        with os.fdopen(self._tests, "wb") as tests:
            pickle.dump(self._watched(), tests)
        self._tell(READY, status, cpu_s)
        functions = functions_loaded()
        with unattended(), os.fdopen(self._requests) as requests:
            for line in requests:
                self._try(int(line), functions)
        return True

    def _watched(self) -> dict[str, Watched]:
        seconds, files = dict[int, float](), defaultdict[int, set[str]](set)
        for (file, _, _), calls in self._calling.items():
            for took, index in calls:
                seconds[index] = took
                files[index].add(file)
        items = self._session.items
        return {items[index].nodeid: Watched(took, frozenset(files[index])) for index, took in seconds.items()}

    def _try(self, number: int, functions: dict[Place, list[FunctionType]]) -> None:
        fault = self._faults[number]
        first = function_of(fault)
        tests = str(ROOT / "tests" / "unit" / fault.service) + os.sep
        calling = {
            index: seconds
            for at, calls in self._calling.items()
            if at[:2] == (str(fault.path), first)
            for seconds, index in calls
            if str(self._session.items[index].path).startswith(tests)
        }

        def run() -> int:
            try:
                code = fault.code()
            except SyntaxError:
                return NO_PYTHON
            for one in _codes(code):
                if one.co_firstlineno == first and not one.co_name.startswith("<"):
                    for function in functions.get(place(one), ()):
                        function.__code__ = one
            return self._run(sorted(calling, key=lambda index: calling[index]))

        fork_and_tell(run, 5 + 10 * int(sum(calling.values())), lambda status, cpu_s: self._tell(number, status, cpu_s))

    def _run(self, indices: Sequence[int]) -> int:
        items = [self._session.items[index] for index in indices]
        for item, following in pairwise([*items, None]):
            assert item is not None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._session.testsfailed:
                return 1
        return 0

    def _watch_calls(self) -> tuple[int, int]:
        """Learns which tests call which functions, and how long each takes, in a process that runs all as they are.

        The status of this process, and the seconds of the CPU that it took.
        """
        reading, writing = os.pipe()

        def run() -> int:
            calling: dict[Place, list[tuple[float, int]]] = defaultdict(list)
            for index in range(len(self._session.items)):
                began, calls = time.process_time(), Profile(builtins=False)  # in C: `settrace` takes longer than tests
                calls.enable()
                status = self._run([index])
                calls.disable()
                if status:
                    say(f"{self._session.items[index].nodeid} fails as it is")
                    return status
                took = time.process_time() - began
                for code in (entry.code for entry in calls.getstats()):
                    if isinstance(code, CodeType) and code.co_filename.startswith(PURE):
                        calling[place(code)].append((took, index))
            with os.fdopen(writing, "wb") as told:
                pickle.dump(dict(calling), told)
            return 0

        pid = fork(run, 1000)
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            content = told.read()
        self._calling = pickle.loads(content) if content else {}
        return wait(pid)


def serve(faults: Sequence[Fault], requests: int, tests: int, tell: Tell) -> int:
    """Loads the unit tests of the services that the faults are in and tries faults whose numbers come in.

    `tests` is a pipe to which goes what was learnt of the tests (by their names, `Watched`).
    """
    services = sorted({fault.service for fault in faults})
    folders = [str(ROOT / "tests" / "unit" / service) for service in services]
    status = pytest.main([*OPTIONS, *folders], plugins=[Loaded(faults, requests, tests, tell)])
    tell(READY, int(status) or BROKEN, 0)  # heard only where it ended before it was ready
    return int(status)
