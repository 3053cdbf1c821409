"""Runs something in a process of its own and hands on how that ended."""

import os
import resource
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BROKEN = 78
"""What a process ends with that could not do what it was forked for."""
_ERRORS = os.dup(2)
"""Where errors of this program go, whatever pytest captures meanwhile."""


def say(text: str) -> None:
    """Writes a line to where errors of this program go."""
    os.write(_ERRORS, f"{text}\n".encode())


def fork(run: Callable[[], int], cpu_s: int) -> int:
    """Starts `run` in a process that ends after so many seconds of the CPU and prints nothing; its process id."""
    pid = os.fork()
    if pid:
        return pid
    status = BROKEN
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))  # a loop without end is noticed, too
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        try:
            status = run()
        except Exception:  # noqa: BLE001 - a fault of these tools must not pass for a fault that tests noticed
            say(traceback.format_exc())
    finally:
        os._exit(status)


def wait(pid: int) -> tuple[int, int]:
    """The status that a process of `fork` ended with, and the seconds of the CPU that it took."""
    _, status, used = os.wait4(pid, 0)
    return status, int(used.ru_utime + used.ru_stime) + 1


def fork_and_tell(run: Callable[[], int], cpu_s: int, tell: Callable[[int, int], None]) -> None:
    """Does not wait for the end: another process does, and tells the status and the seconds."""
    if os.fork():
        return
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        tell(*wait(fork(run, cpu_s)))
    finally:
        os._exit(0)


@contextmanager
def unattended() -> Iterator[None]:
    """Within this, processes of `fork_and_tell` go when they end, though nobody waits for them."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)
