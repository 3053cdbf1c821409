"""What runs: the processes of each stack with their health and what they use."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from deploy.local.folders import ProcessState, Running, running_states
from deploy.local.health import healthy
from deploy.local.program import accepts_connections
from deploy.local.stack import Stack

_SERVERS = ("postgres", "kafka", "kafka-2", "kafka-3")  # the rest speak HTTP


@dataclass(frozen=True)
class ProcessStatus:
    """A process as it is now; `memory_mb` counts what it shares with others (PostgreSQL's sessions) once."""

    name: str
    pid: int | None
    port: int | None
    health: str
    memory_mb: float
    restarts: int


@dataclass(frozen=True)
class StackStatus:
    """A running stack; `status` is "starting" or "running"."""

    state: Path
    status: str
    urls: dict[str, str]
    processes: list[ProcessStatus]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "state": str(self.state)}

    @property
    def memory_mb(self) -> float:
        """Of all processes."""
        return sum(process.memory_mb for process in self.processes)


def stacks(base: Path) -> list[StackStatus]:
    """All running stacks under `base`."""
    return [status for state in running_states(base) if (status := _stack(state))]


def _stack(state: Path) -> StackStatus | None:
    running = Running.load(state)
    if running is None:
        return None
    stack = Stack.load(state)
    supervisor = ProcessState("supervisor", running.supervisor, None, 0)
    with ThreadPoolExecutor() as pool:
        processes = list(pool.map(_process, (supervisor, *running.processes)))
    urls = {"shop": stack.shop_url, "inbox": stack.inbox_url, "cart": stack.cart_url, "notifier": stack.notifier_url}
    urls["console"] = stack.console_url
    return StackStatus(state, "running" if running.ready else "starting", urls, processes)


def _process(process: ProcessState) -> ProcessStatus:
    return ProcessStatus(
        process.name, process.pid, process.port, _health(process), _memory_mb(process.pid), process.restarts
    )


def _health(process: ProcessState) -> str:
    if process.pid is None:
        return "down"
    if process.port is None:
        return "ok"
    well = accepts_connections(process.port) if process.name in _SERVERS else healthy(process.port)
    return "ok" if well else "not ready"


def _memory_mb(pid: int | None) -> float:
    """Proportional set size of a process and those under it that it started for itself."""
    if pid is None:
        return 0
    try:
        process = psutil.Process(pid)
        supervised = process.cmdline()[-1:] and any("deploy.cli" in part for part in process.cmdline())
        family = [process] if supervised else [process, *process.children(recursive=True)]
        return round(sum(map(_proportional, family)) / 2**20, 1)
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
