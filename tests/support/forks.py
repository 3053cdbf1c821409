"""Processes of Python that begin with what all of them import: two thirds of a start are the imports of libraries."""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.program import die_with_parent

LOADED = (
    *("aiokafka", "aiosmtplib", "asyncpg", "cachetools", "email_validator", "fastapi", "faststream.kafka", "httpx"),
    *("jinja2", "jwt", "phonenumbers", "prometheus_client", "pydantic_settings", "stamina", "structlog", "typer"),
    *("uvicorn", "yaml", "libs.contracts.codec", "libs.http.serve", "libs.inbox.consumer", "libs.outbox.relay"),
    *("libs.postgres.pool", "libs.runtime.process"),
)
"""Nothing of a service: tests replace functions there before anything else is imported."""
SERVICES = frozenset(f"services.{name}.main" for name in ("cart", "console", "notifier", "trigger"))
"""Each is loaded in a process of its own, forked when the first of them is started."""
ROOT = Path(__file__).parents[2]
_MOST_B = 1 << 20
_PATIENCE_S = 180


class Started:
    """A process that was started, as `subprocess.Popen` shows one."""

    def __init__(self, pid: int, ended: threading.Condition, statuses: Mapping[int, int]) -> None:
        self.pid, self._ended, self._statuses = pid, ended, statuses

    def poll(self) -> int | None:
        """The exit status, below 0 the signal that ended it; None while it runs."""
        return self._statuses.get(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """The same once it has ended; `subprocess.TimeoutExpired` after some seconds."""
        with self._ended:
            if not self._ended.wait_for(lambda: self.pid in self._statuses, timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._statuses[self.pid]

    def send_signal(self, number: int) -> None:
        """Sends a signal to it, unless it has ended."""
        with self._ended:
            if self.poll() is None:
                os.kill(self.pid, number)

    def __enter__(self) -> "Started":
        """Killed with the block, where it has not ended by then."""
        return self

    def __exit__(self, *_: object) -> None:
        self.send_signal(signal.SIGKILL)
        self.wait(_PATIENCE_S)


class Forks:
    """Asks a process that has the libraries loaded to fork."""

    def __init__(self, server: socket.socket) -> None:
        self._server, self._ended, self._statuses = server, threading.Condition(), dict[int, int]()
        self._asking, self._pids, self._of_services = threading.RLock(), list[int](), dict[str, Forks]()
        self._closed = False
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, output: int) -> Started:
        """Starts `python -m MODULE ARGUMENT...`, as `argv` has it, with both outputs to a file; it ends with us."""
        assert argv[:2] == (sys.executable, "-m"), argv
        by = self._with(argv[2]) if argv[2] in SERVICES and cwd == ROOT else self
        return by._ask({"argv": argv[2:], "env": dict(env), "cwd": str(cwd)}, output)

    def run(self, module: str, *arguments: str, env: Mapping[str, str], log: Path | None = None) -> Started:
        """Starts `python -m module ARGUMENT...` of this repository, both outputs to the end of a file or with ours."""
        argv = (sys.executable, "-m", module, *arguments)
        if log is None:
            return self.start(argv, env, ROOT, 2)
        with log.open("ab") as output:
            return self.start(argv, env, ROOT, output.fileno())

    def close(self) -> None:
        """Ends the process, and with it all that it started."""
        for one in (*self._of_services.values(), self):
            with contextlib.suppress(OSError):  # it has ended by itself
                one._server.shutdown(socket.SHUT_RDWR)
            one._server.close()

    def _with(self, service: str) -> "Forks":
        with self._asking:
            if service not in self._of_services:
                ours, theirs = socket.socketpair()
                with theirs:
                    self._ask({"load": service}, theirs.fileno())
                self._of_services[service] = Forks(ours)
            return self._of_services[service]

    def _ask(self, asked: Mapping[str, Any], file: int) -> Started:
        content = json.dumps(asked).encode()
        with self._asking:
            with contextlib.suppress(OSError):  # it has ended, of which we are told
                socket.send_fds(self._server, [len(content).to_bytes(4, "big")], [file])
                self._server.sendall(content)
            with self._ended:
                assert self._ended.wait_for(lambda: self._pids or self._closed, _PATIENCE_S), "nothing was started"
                assert self._pids, "the process that starts others has ended"
                pid = self._pids.pop()
        return Started(pid, self._ended, self._statuses)

    def _listen(self) -> None:
        with contextlib.suppress(OSError), self._server.makefile() as told:  # it may end with something unread
            for line in told:
                self._take(*json.loads(line))
        with self._ended:
            self._closed = True
            self._ended.notify_all()

    def _take(self, pid: int, status: int | None) -> None:
        with self._ended:
            if status is None:
                self._statuses.pop(pid, None)  # of one before it that had the same number
                self._pids.append(pid)
            else:
                self._statuses[pid] = status
            self._ended.notify_all()


@contextlib.contextmanager
def forks() -> Iterator[Forks]:
    """Processes may be started until the block ends, and end with it."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "tests.support.forks", str(theirs.fileno())]
        server = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=ROOT)
    made = Forks(ours)
    try:
        yield made
    finally:
        made.close()
        _end(server)


def _end(server: "subprocess.Popen[bytes]") -> None:
    try:
        server.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def serve(asking: socket.socket) -> dict[str, Any] | None:
    """Forks as often as it is asked to. In a new process this gives what is to be run; None at the end."""
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    while True:
        ready, _, _ = select.select([asking, woken], [], [])
        if woken in ready:
            woken.recv(_MOST_B)
            _tell_who_ended(asking)
        if asking in ready:
            asked = _asked(asking)
            if asked is None:
                return None
            die = die_with_parent(signal.SIGKILL)
            if (pid := os.fork()) == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for one in (asking, woken, wake):
                    one.close()
                if die:
                    die()
                if "load" not in asked:
                    return asked
                _load(asked["load"])
                del sys.modules[asked["load"]]  # it is run, which would be told of as a mistake
                return serve(socket.socket(fileno=asked["output"]))
            os.close(asked["output"])
            _tell(asking, pid, None)


def _load(*names: str) -> None:
    """To look for garbage meanwhile takes a sixth of the time, and there is none."""
    gc.disable()
    for name in names:
        importlib.import_module(name)
    gc.freeze()
    gc.enable()


def _asked(asking: socket.socket) -> dict[str, Any] | None:
    head, files, _, _ = socket.recv_fds(asking, 4, 1)
    if not head:
        return None
    length, content = int.from_bytes(head, "big"), b""
    while len(content) < length:
        content += asking.recv(length - len(content))
    return {**json.loads(content), "output": files[0]}


def _tell_who_ended(asking: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _tell(asking, pid, os.waitstatus_to_exitcode(status))


def _tell(asking: socket.socket, pid: int, status: int | None) -> None:
    try:
        asking.sendall(f"{json.dumps([pid, status])}\n".encode())
    except OSError:
        os._exit(0)  # nobody is there any more


def become(asked: dict[str, Any]) -> None:
    """Runs what was asked for in this process."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, asked["output"], asked["output"])):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    module, *arguments = asked["argv"]
    sys.path[0] = asked["cwd"]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _load(*LOADED)
    wanted = serve(socket.socket(fileno=int(sys.argv[1])))
    if wanted is not None:
        become(wanted)
