"""Programs of the stack: how they are started so that none outlives the one that started it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import SystemRandom
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
_PORTS = range(15_000, 32_000)  # below those that Linux gives to outgoing connections


@dataclass(frozen=True)
class Program:
    """What to run. `uid` and `gid` are for servers that refuse root; `death_signal` comes when the parent dies."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    uid: int | None = None
    gid: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL

    def options(self) -> dict[str, Any]:
        """Arguments of `subprocess.Popen` and its asyncio twin: a session of its own, one output, an end with us."""
        return {
            "env": {**os.environ, **self.env},
            "cwd": self.cwd,
            "user": self.uid,
            "group": self.gid,
            "extra_groups": None if self.gid is None else (),
            "stdin": subprocess.DEVNULL,
            "stderr": subprocess.STDOUT,
            "start_new_session": True,
            "preexec_fn": die_with_parent(self.death_signal),
        }

    def popen(self, output: IO[bytes] | int) -> "subprocess.Popen[bytes]":
        """Start it with both outputs to `output`."""
        return subprocess.Popen(self.argv, stdout=output, **self.options())


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel send `death_signal` when the parent dies, even by SIGKILL (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def free_ports(preferred: Sequence[int]) -> list[int]:
    """As many distinct free TCP ports of the loopback as preferred ones; 0 and those that are taken become any."""
    with ExitStack() as probes:
        return [port if port and _holds(probes, port) else _any_port(probes) for port in preferred]


def _any_port(probes: ExitStack) -> int:
    """Not one that the kernel would give: those are also given to outgoing connections before a server is up."""
    tried = iter(lambda: SystemRandom().choice(_PORTS), None)
    return next(port for port in islice(tried, len(_PORTS)) if _holds(probes, port))


def _holds(probes: ExitStack, port: int) -> bool:
    probe = probes.enter_context(socket.socket())
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was left a moment ago counts as free
    try:
        probe.bind(("127.0.0.1", port))
        probe.listen(1)  # two sockets that only bind may have one port, and both probes would hold it
    except OSError:
        return False
    return True


def accepts_connections(port: int) -> bool:
    """Whether something listens on the loopback's `port`."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
