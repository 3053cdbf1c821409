"""Sows small faults into the pure modules, one at a time, and counts those that the unit tests notice.

`python -m tests.support.mutants [--since REVISION] [--minutes N] [--sample N] [--seed N] [--at-once N] [PATH ...]`.

The faults are Cosmic Ray's. Its own way of running the tests, a process for each fault that starts from nothing, takes
seconds of which the tests are a tenth; here a process that has loaded the tests forks for each fault, and runs those
that call the function with the fault. Where it is in no function, or nobody noticed, all tests of the service run in a
process that has loaded nothing but the libraries. Faults come in an order that is shuffled by the seed, so that what
was tried when the sample was through, or the time over, speaks for the rest.
"""

import argparse
import importlib
import os
import pickle
import subprocess
import sys
import time
from collections import Counter, deque
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from tests.support.mutants.apart import BROKEN, fork, fork_and_tell, unattended, wait
from tests.support.mutants.faults import ROOT, Fault, faults
from tests.support.mutants.from_nothing import NO_PYTHON, Watched, status_of_tests
from tests.support.mutants.loaded import function_of, serve

PURE = "services/*/domain/**/*.py"
NOTICED_OF_100 = 97
TELL_EVERY_S = 30.0
PLUGINS = ("_hypothesis_pytestplugin", "pytest_asyncio", "pytest_timeout")
LOADED_ONCE = (
    *("deploy.kafka.topics", "fastapi", "httpx", "hypothesis.stateful", "jwt", "libs.inbox.consumer"),
    *("scipy.stats", "yaml"),
    *PLUGINS,
)


class Trials:
    """Tries faults in processes of their own, and hears how each ended."""

    def __init__(self, found: list[Fault]) -> None:
        self._found = found
        self._told, self._telling = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), "rw", strict=True))
        (asked, asking), (learnt, teaching) = os.pipe(), os.pipe()

        def loaded() -> int:
            os.close(asking)
            os.close(learnt)
            return serve(found, asked, teaching, self._tell)

        self._loaded = fork(loaded, 24 * 3600)
        os.close(asked)
        os.close(teaching)
        self._requests: IO[str] = os.fdopen(asking, "w")
        with os.fdopen(learnt, "rb") as tests:
            content = tests.read()
        _, status, cpu_s = self.next()
        if status:
            sys.exit("the unit tests fail as they are")
        self._tests: dict[str, Watched] = pickle.loads(content)
        self._cpu_s = 3 * cpu_s  # of the tests of all services and with their calls watched

    def _tell(self, number: int, status: int, cpu_s: int) -> None:
        os.write(self._telling.fileno(), f"{number} {status} {cpu_s}\n".encode())

    def where_all_is_loaded(self, number: int) -> None:
        """Has one fault tried by the tests that call its function."""
        print(number, file=self._requests, flush=True)

    def from_nothing(self, number: int) -> None:
        """Has one fault tried by all tests."""
        fault = self._found[number]
        fork_and_tell(
            lambda: status_of_tests(fault.service, fault, self._tests),
            self._cpu_s,
            lambda status, cpu_s: self._tell(number, status, cpu_s),
        )

    def next(self) -> tuple[int, int, int]:
        """The number of a fault that has been tried, the status its process ended with, and its seconds of the CPU."""
        number, status, cpu_s = map(int, self._told.readline().split())
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == BROKEN:
            sys.exit("a process that was to try a fault could not")
        return number, status, cpu_s

    def end(self) -> None:
        """Lets the tests that are loaded go; ends the program where tests fail by now without a fault."""
        self._requests.close()
        os.waitpid(self._loaded, 0)
        for service in sorted({fault.service for fault in self._found}):
            status, _ = wait(fork(partial(status_of_tests, service, None, self._tests), self._cpu_s))
            if status:
                sys.exit(f"tests/unit/{service} fail as they are: they may have noticed nothing")


def sow(found: list[Fault], minutes: float, at_once: int) -> tuple[list[Fault], list[Fault]]:
    """The faults that were tried within some minutes, and those that no test noticed."""
    trials = Trials(found)
    with unattended():
        tried, survived = try_all(trials, found, time.monotonic() + 60 * minutes, at_once)
    trials.end()
    return tried, survived


def try_all(trials: Trials, found: list[Fault], until: float, at_once: int) -> tuple[list[Fault], list[Fault]]:
    """Tries some faults at once, those that nobody noticed where all is loaded once more from nothing."""
    quick, running = {number for number, fault in enumerate(found) if function_of(fault)}, set[int]()
    waiting, again = deque(range(len(found))), deque[int]()
    tried, survived, told_at = list[Fault](), list[Fault](), time.monotonic()
    while True:
        while len(running) < at_once and (again or (waiting and time.monotonic() < until)):
            number = again.popleft() if again else waiting.popleft()
            running.add(number)
            trials.where_all_is_loaded(number) if number in quick else trials.from_nothing(number)
        if not running:
            return tried, survived
        number, status, _ = trials.next()
        running.remove(number)
        if status == 0 and number in quick:
            quick.remove(number)
            again.append(number)
            continue
        tried += [found[number]] if status != NO_PYTHON << 8 else []
        if status == 0:
            survived.append(found[number])
            print(f"nobody noticed {found[number]}", flush=True)
        if time.monotonic() > told_at + TELL_EVERY_S:
            told_at = time.monotonic()
            print(f"{len(tried)} of {len(found)} faults tried, {len(survived)} not noticed", flush=True)


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
    parser.add_argument("--sample", type=int, help="no more faults than this")
    parser.add_argument("--seed", type=int, default=0, help="of the order in which faults are tried")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="how many faults are tried at a time")
    parser.add_argument("paths", nargs="*", type=Path, help="only these modules")
    asked = parser.parse_args()
    found = faults([path.resolve() for path in asked.paths] or modules(asked.since), asked.seed)
    if not found:
        print("no fault could be sown: no pure module has changed")
        return
    for name in LOADED_ONCE:
        importlib.import_module(name)
    with TemporaryDirectory() as compiled:  # every process would compile all modules and tests again
        sys.pycache_prefix, sys.dont_write_bytecode = compiled, False
        tried, survived = sow(found[: asked.sample], asked.minutes, asked.at_once)
    noticed = len(tried) - len(survived)
    for path, number in Counter(fault.path for fault in survived).most_common():
        print(f"{path.relative_to(ROOT)}: {number} not noticed")
    print(f"{noticed} of {len(tried)} faults were noticed ({len(found)} could be sown, seed {asked.seed})")
    sys.exit(100 * noticed < NOTICED_OF_100 * len(tried))


if __name__ == "__main__":
    main()
