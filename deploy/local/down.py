"""`evercart down`: end stacks and wait until nothing of them is left."""

import contextlib
import signal
import time
from pathlib import Path

import psutil

from deploy.local.errors import LocalStackError
from deploy.local.folders import Running, is_held

PATIENCE_S = 60.0


def down(state: Path) -> None:
    """End the stack of a state folder; returns when all of its processes are gone. Raises `LocalStackError` if not."""
    running = Running.load(state)
    if running is None:
        return
    processes = _alive([running.supervisor, *(process.pid for process in running.processes if process.pid)])
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(running.supervisor).send_signal(signal.SIGTERM)
    _, left = psutil.wait_procs(processes, timeout=PATIENCE_S)
    if left:
        names = ", ".join(f"{process.name()} ({process.pid})" for process in left if process.is_running())
        raise LocalStackError(f"Of the stack in {state} these processes have not ended: {names}.")
    deadline = time.monotonic() + PATIENCE_S
    while is_held(state) and time.monotonic() < deadline:
        time.sleep(0.02)


def _alive(pids: list[int]) -> list[psutil.Process]:
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(pid))
    return found
