"""Several processes of one role at one port: one process starts them, and all end together."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

_PR_SET_PDEATHSIG = 1


def run_workers(command: Sequence[str], environments: Sequence[Mapping[str, str]]) -> int:
    """Runs `command` once with each of the environments, added to that of this process, until SIGTERM or SIGINT, which
    it passes on.

    Returns 0 after a signal that all have followed, and 1 once one has ended by itself or in trouble: the others are
    told to end, so that whoever watches this process starts all anew.
    """
    workers: list[subprocess.Popen[bytes]] = []
    told = False

    def tell(_: int, __: FrameType | None) -> None:
        nonlocal told
        told = True
        for worker in workers:
            worker.send_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)
    workers += _started(command, environments)
    if told:  # while they were started
        tell(signal.SIGTERM, None)
    left, status = {worker.pid for worker in workers}, 0
    while left:
        pid, ended = os.wait()
        left.discard(pid)
        for worker in workers:
            if worker.pid == pid:
                worker.returncode = os.waitstatus_to_exitcode(ended)  # no signal goes to a number that may be another's
        if not told or ended != 0:
            status = 1
            tell(signal.SIGTERM, None)
    return status


def _started(command: Sequence[str], environments: Sequence[Mapping[str, str]]) -> "list[subprocess.Popen[bytes]]":
    library = ctypes.CDLL(None) if sys.platform == "linux" else None

    def die_with_parent() -> None:
        if library is not None:
            library.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)

    # in a session of their own: a terminal's interrupt would reach them twice, and the second cuts an ending short
    options: dict[str, Any] = {"start_new_session": True, "preexec_fn": die_with_parent}
    return [subprocess.Popen(command, env={**os.environ, **more}, **options) for more in environments]  # noqa: S603 - our own command
