"""The whole local stack, as `evercart up` runs it."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.local.clusters import remove_orphans
from deploy.local.folders import Running
from deploy.local.stack import Stack
from deploy.local.status import stacks
from tests.support.eventually import eventually

WITHIN_S = 150


class Evercart:
    """The command with a state folder of its own."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def __call__(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        called = [sys.executable, "-m", "deploy.cli", command, "--state", str(self.base), *arguments]
        return subprocess.run(called, capture_output=True, text=True, check=False, timeout=170)

    def up(self, *arguments: str) -> None:
        done = self("up", "--detach", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def status(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("status", "--json").stdout)
        return found

    def pid(self, name: str, stack: int = 0) -> int | None:
        running = Running.load(self.base / str(stack + 1))
        assert running
        return next(process.pid for process in running.processes if process.name == name)


@pytest.fixture
def evercart(tmp_path: Path) -> Iterator[Evercart]:
    command = Evercart(tmp_path / "state")
    yield command
    ended = command("down")
    shutil.rmtree(command.base, ignore_errors=True)
    remove_orphans()
    assert ended.returncode == 0, ended.stderr


def until(reached: Callable[[], bool]) -> None:
    """Whatever is asked again and again is read here: a command for each look takes half a second of CPU."""
    asyncio.run(eventually(reached, within_s=WITHIN_S))


def profile(stack: Stack, method: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{stack.cart_url}/v1/stores/demo/customers/ada/profile",
        json.dumps(body).encode() if body else None,
        {"Content-Type": "application/json", "Authorization": f"Bearer {stack.stores['demo'].secret_key}"},
        method=method,
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def processes_of(base: Path) -> list[psutil.Process]:
    found = []
    for state in base.iterdir():
        if running := Running.load(state):
            pids = [running.supervisor, *(process.pid for process in running.processes if process.pid)]
            found += [psutil.Process(pid) for pid in pids]
    return found


def test_a_stack_survives_a_crash_of_a_service_a_restart_and_a_killed_supervisor(evercart: Evercart) -> None:
    evercart.up()
    (first,) = evercart.status()
    assert first["status"] == "running"
    assert {process["health"] for process in first["processes"]} == {"ok"}
    stack = Stack.load(evercart.base / "1")
    profile(stack, "PUT", {"locale": "de", "email_consent": False, "sms_consent": False})

    crashed = evercart.pid("cart-api")
    assert crashed
    psutil.Process(crashed).kill()
    until(lambda: evercart.pid("cart-api") not in (None, crashed))
    until(lambda: all(process.health == "ok" for stack in stacks(evercart.base) for process in stack.processes))
    (again,) = evercart.status()
    assert {process["health"] for process in again["processes"]} == {"ok"}
    assert {process["name"]: process["restarts"] for process in again["processes"]}["cart-api"] == 1

    running = processes_of(evercart.base)
    assert evercart("down").returncode == 0
    assert not any(process.is_running() for process in running)
    assert evercart("status").returncode == 1

    evercart.up()
    before, stack = stack, Stack.load(evercart.base / "1")
    moved = stack.ports.moved_from(before.ports)
    assert len(moved) <= 1, "ports are kept, but for one that another test may have taken meanwhile"
    assert profile(stack, "GET")["locale"] == "de"

    running = processes_of(evercart.base)
    supervisor, members = running[0], running[1:]
    servers = [child for member in members for child in member.children(recursive=True)]
    supervisor.kill()
    _, left = psutil.wait_procs([*members, *servers], timeout=20)
    assert left == []
    evercart.up()
    assert evercart.status()[0]["status"] == "running"


def test_a_start_that_fails_is_one_sentence_and_leaves_nothing_behind(evercart: Evercart) -> None:
    failed = evercart("up", "--detach", "--postgres", "postgresql://nobody@127.0.0.1:9/none")
    assert failed.returncode == 1
    assert "evercart: databases failed: PostgreSQL refuses" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert evercart("status").returncode == 1


def began(evercart: Evercart, name: str) -> int:
    """The process of that name, as soon as it has been started."""
    found: list[int] = []

    def there() -> bool:
        running = Running.load(evercart.base / "1") if (evercart.base / "1").exists() else None
        found[:] = [one.pid for one in running.processes if one.name == name and one.pid] if running else []
        return bool(found)

    until(there)
    return found[0]


def starting(evercart: Evercart, *arguments: str) -> "subprocess.Popen[str]":
    called = [sys.executable, "-m", "deploy.cli", "up", "--detach", "--state", str(evercart.base), *arguments]
    return subprocess.Popen(called, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_start_that_is_interrupted_ends_what_it_began(evercart: Evercart) -> None:
    """Story: after Ctrl-C a stack came up in the background that nobody wanted."""
    starter = starting(evercart)
    server = psutil.Process(began(evercart, "postgres"))
    starter.send_signal(signal.SIGINT)
    _, said = starter.communicate(timeout=WITHIN_S)
    assert starter.returncode == 1
    assert said == "evercart: The start was interrupted; what had begun has ended.\n"
    assert not server.is_running()
    assert evercart("status").returncode == 1


def test_a_start_goes_on_when_nobody_listens_any_more_and_a_second_stack_runs_beside_it(
    evercart: Evercart, postgres_server: str, kafka: str
) -> None:
    """Story: the terminal was closed; the stack came up, and died of a broken pipe when it said so."""
    starter = starting(evercart, "--postgres", postgres_server, "--kafka", kafka)
    began(evercart, "cart-api")
    starter.kill()
    starter.communicate()
    until(lambda: (running := Running.load(evercart.base / "1")) is not None and running.ready)
    (found,) = evercart.status()
    assert found["status"] == "running"
    assert {process["health"] for process in found["processes"]} == {"ok"}

    beside = evercart("up", "--detach", "--postgres", postgres_server, "--kafka", kafka)
    assert f"A stack runs already in {evercart.base / '1'}; this is another one beside it." in beside.stdout
    first, second = evercart.status()
    assert Path(second["state"]).name == "2"
    ports = [process["port"] for stack in (first, second) for process in stack["processes"] if process["port"]]
    assert len(set(ports)) == len(ports)
    assert "kafka" not in {process["name"] for process in first["processes"]}
    one, two = Stack.load(evercart.base / "1"), Stack.load(evercart.base / "2")
    profile(one, "PUT", {"locale": "de", "email_consent": False, "sms_consent": False})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        profile(two, "GET")
