"""Sows small faults into the pure modules, one at a time, and counts those that the unit tests notice.

`python -m tests.support.mutants [--since REVISION] [--minutes N] [PATH ...]`. The faults are Cosmic Ray's. Its own way
of running the tests, a process for each fault that starts from nothing, takes seconds of which the tests are a tenth;
here a process that has loaded the libraries forks for each fault. Faults come in an order that is shuffled once and for
all, so that what was tried when the time is over speaks for the rest.
"""

import argparse
import ast
import importlib
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, ModuleType
from typing import Any

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parents[2]
PURE = "services/*/domain/**/*.py"
NOTICED_OF_100 = 97
OPERATORS = (
    *("AddNot", "NumberReplacer", "ZeroIterationForLoop", "ReplaceUnaryOperator_Delete_Not"),
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq"),
    *("ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"),
    *("ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_LtE_Lt", "ReplaceComparisonOperator_Lt_GtE"),
    *("ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_Gt_LtE"),
    *("ReplaceComparisonOperator_LtE_Gt", "ReplaceComparisonOperator_GtE_Lt"),
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_FloorDiv"),
    *("ReplaceBinaryOperator_FloorDiv_Mul", "ReplaceBinaryOperator_Mod_FloorDiv"),
)
"""A comparison, a condition, a constant, a loop, a sum; what mypy would not let pass is left out."""
LEFT_ALONE = re.compile(
    r"""\s*@dataclass\(  # mypy
    | \s*@lru_cache\(  # how much is remembered is not to be seen
    | .*\bfrozen=(True|False)$  # mypy lets nobody assign to a field of what is frozen
    | .*\bzip\(.*strict=True$  # two of one length, by the lines above
    """,
    re.VERBOSE,
)
"""What a line looks like up to a fault that no test can see: a kind of fault each, and why."""
PLUGINS = ("_hypothesis_pytestplugin", "pytest_asyncio", "pytest_timeout")
TELL_EVERY_S = 30.0
NO_PYTHON = 77
"""What a process ends with whose fault was none: Cosmic Ray takes the star before keywords for a product."""
LOADED_ONCE = (
    *("deploy.kafka.topics", "fastapi", "httpx", "hypothesis.stateful", "jwt", "libs.inbox.consumer", "yaml"),
    *PLUGINS,
)


@dataclass(frozen=True)
class Fault:
    """The `occurrence`-th place of a module where a Cosmic Ray operator changes something, and the line it is on."""

    path: Path
    operator: str
    occurrence: int
    line: int

    @property
    def module(self) -> str:
        """The module by its dotted name."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts)

    def source(self) -> str:
        """The module with the fault."""
        changed = mutate_code(self.path.read_text(), get_operator(f"core/{self.operator}")(), self.occurrence)
        return str(changed)

    def __str__(self) -> str:
        before, after = (text.splitlines()[self.line - 1].strip() for text in (self.path.read_text(), self.source()))
        return f"{self.path.relative_to(ROOT)}:{self.line}: {before}  ->  {after}"


def faults(paths: Iterable[Path]) -> list[Fault]:
    """All faults of the modules, in the order in which they are tried."""
    found = []
    for path in sorted(paths):
        source = path.read_text()
        nodes, lines, examples = list(ast_nodes(get_ast(source))), source.splitlines(), list(_examples(source))
        for operator in OPERATORS:
            places = [place for node in nodes for place in get_operator(f"core/{operator}")().mutation_positions(node)]
            found += [
                Fault(path, operator, number, line)
                for number, ((line, _), (_, end)) in enumerate(places)
                if not LEFT_ALONE.match(lines[line - 1][:end])
                and not any(first <= (line, end) <= last for first, last in examples)
            ]
    random.Random(0).shuffle(found)
    return found


def _examples(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where a module shows examples to readers of the API's document: nothing depends on them."""
    for node in ast.walk(ast.parse(source)):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "like"
        if named or (isinstance(node, ast.keyword) and node.arg == "json_schema_extra"):
            place: Any = node
            yield (place.lineno, place.col_offset), (place.end_lineno, place.end_col_offset)


class WithFault(SourceFileLoader):
    """Loads one module with its fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.module, str(fault.path))
        self._code: CodeType = compile(fault.source(), str(fault.path), "exec", dont_inherit=True)

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


def notices(service: str, fault: Fault | None, cpu_s: int) -> int:
    """In a process of its own: runs the tests until one fails; the status tells, 0 where none did."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))  # a loop without end is noticed, too
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        sys.meta_path[:0] = [Sown(fault)] if fault else []
    except SyntaxError:
        return NO_PYTHON
    options = ["-x", "-q", "--hypothesis-profile=quick", "-p", "no:cacheprovider", "-p", "no:xdist"]
    for files in unit_tests(service, fault.module if fault else None):
        if files and (status := pytest.main([*options, *files])) != 0:
            return int(status)
    return 0


def fork(service: str, fault: Fault | None, cpu_s: int) -> int:
    """Starts `notices`; its process id."""
    pid = os.fork()
    if pid == 0:
        os._exit(notices(service, fault, cpu_s))
    return pid


def cpu_of_a_clean_run(service: str) -> int:
    """The seconds that the tests of a service take when nothing is wrong; ends the program if something is."""
    _, status, used = os.wait4(fork(service, None, 600), 0)
    if status:
        sys.exit(f"tests/unit/{service} fail as they are")
    return int(used.ru_utime + used.ru_stime) + 1


def sow(found: list[Fault], until: float) -> tuple[int, list[Fault]]:
    """How many faults were tried until a moment (time.monotonic), and those that no test noticed."""
    services = {fault: fault.path.relative_to(ROOT).parts[1] for fault in found}
    bounds = {service: 10 * cpu_of_a_clean_run(service) for service in sorted(set(services.values()))}
    running: dict[int, Fault] = {}
    tried, survived, waiting, told_at = 0, list[Fault](), list(found), time.monotonic()
    while running or (waiting and time.monotonic() < until):
        while waiting and len(running) < (os.cpu_count() or 1) and time.monotonic() < until:
            fault = waiting.pop(0)
            running[fork(services[fault], fault, bounds[services[fault]])] = fault
        pid, status = os.wait()
        fault = running.pop(pid)
        tried += status != NO_PYTHON << 8
        if time.monotonic() > told_at + TELL_EVERY_S:
            told_at = time.monotonic()
            print(f"{tried} of {len(found)} faults tried, {len(survived)} not noticed", flush=True)
        if status == 0:
            survived.append(fault)
            print(f"nobody noticed {fault}", flush=True)
    for service in bounds:  # where the tests fail by now without any fault, they have noticed nothing
        cpu_of_a_clean_run(service)
    return tried, survived


def modules(since: str | None) -> list[Path]:
    """The pure modules, or those of them that have changed since they left the history of `since`."""
    found = [path for path in ROOT.glob(PURE) if path.name != "__init__.py"]
    if since is None:
        return found
    base = _git("merge-base", since, "HEAD")
    changed = {ROOT / name for name in _git("diff", "--name-only", base).splitlines()}
    return [path for path in found if path in changed]


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> None:
    """Ends with 1 where fewer faults were noticed than the house wants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--since", help="only modules that have changed since this revision")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("paths", nargs="*", type=Path, help="only these modules")
    asked = parser.parse_args()
    found = faults([path.resolve() for path in asked.paths] or modules(asked.since))
    for name in LOADED_ONCE:
        importlib.import_module(name)
    with TemporaryDirectory() as compiled:  # every process would compile all modules and tests again
        sys.pycache_prefix, sys.dont_write_bytecode = compiled, False
        tried, survived = sow(found, time.monotonic() + 60 * asked.minutes)
    noticed = tried - len(survived)
    print(f"{noticed} of {tried} faults were noticed ({len(found)} could be sown)")
    sys.exit(100 * noticed < NOTICED_OF_100 * tried)


if __name__ == "__main__":
    main()
