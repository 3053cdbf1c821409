"""One supervised process: watched, started again, and never left behind."""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deploy.local import child as module
from deploy.local.child import Child
from deploy.local.errors import LocalStackError
from deploy.local.output import Log, recorded
from deploy.local.program import Program
from deploy.local.services import Member

LIVES = "import signal, sys; print('lives', flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"


class Watched:
    """A child with a hand on its changes; it is ready when it has said something."""

    def __init__(self, state: Path, script: str) -> None:
        self.state = state
        self.event = asyncio.Event()
        program = Program("thing", (sys.executable, "-c", script))
        self.child = Child(Member(program, lambda: bool(self.said()), None), Log(state), self.event.set)

    def said(self) -> list[str]:
        return [text for _, text in recorded(self.state, "thing", 100)]

    async def until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            await self.event.wait()
            self.event.clear()


async def test_a_crashed_process_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    watched = Watched(tmp_path, LIVES)
    await watched.child.start()
    first = watched.child.pid
    assert first
    psutil.Process(first).kill()
    await watched.until(lambda: watched.child.restarts == 1 and watched.child.pid is not None)
    second = watched.child.pid
    assert second
    assert second != first
    await watched.child.stop()
    assert not psutil.pid_exists(second)


async def test_a_crashed_process_is_started_again_though_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Story: a full disk ended what reads a process's output, and the crash that followed was never noticed."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    (tmp_path / "stack.log").symlink_to("/dev/full")
    changes = asyncio.Event()
    program = Program("thing", (sys.executable, "-c", LIVES))
    child = Child(Member(program, lambda: True, None), Log(tmp_path), changes.set)
    await child.start()
    first = child.pid
    assert first
    psutil.Process(first).kill()
    while not (child.restarts == 1 and child.pid not in (None, first)):
        await changes.wait()
        changes.clear()
    await child.stop()


async def test_a_process_that_is_stopped_while_it_waits_for_its_restart_stays_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 3600)
    watched = Watched(tmp_path, LIVES)
    await watched.child.start()
    assert watched.child.pid
    psutil.Process(watched.child.pid).kill()
    await watched.until(lambda: watched.child.pid is None)
    await watched.child.stop()
    assert watched.child.restarts == 0


async def test_a_process_that_ends_at_its_start_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    program = Program(
        "thing", (sys.executable, "-c", "import sys; print('a', flush=True); sys.exit('settings are missing')")
    )
    child = Child(Member(program, lambda: False, None), Log(tmp_path), lambda: None)
    with pytest.raises(LocalStackError, match="thing ended with status 1 at its start: settings are missing"):
        await child.start()


async def test_a_process_that_never_gets_ready_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_WITHIN_S", 0.2)
    child = Child(
        Member(Program("thing", (sys.executable, "-c", LIVES)), lambda: False, None), Log(tmp_path), lambda: None
    )
    with pytest.raises(LocalStackError, match="thing was not ready after"):
        await child.start()
    await child.stop()
    assert child.pid is None


async def test_a_process_that_will_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN_S", 0.2)
    watched = Watched(tmp_path, DEAF)
    await watched.child.start()
    pid = watched.child.pid
    assert pid
    await watched.child.stop()
    assert not psutil.pid_exists(pid)


async def test_a_line_without_end_does_not_stop_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LINE_LIMIT", 1000)
    watched = Watched(tmp_path, "print('x' * 100_000); print('after', flush=True); import signal; signal.pause()")
    await watched.child.start()
    assert watched.said()[-1] == "after"
    await watched.child.stop()


def test_a_program_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom deploy.local.program import Program\n"
        f"started = Program('thing', (sys.executable, '-c', {LIVES!r})).popen(sys.stdout.fileno())\n"
        "print(started.pid, flush=True)\nstarted.wait()\n"
    )
    parent = psutil.Popen([sys.executable, "-c", script], stdout=-1)
    assert parent.stdout
    pid = next(int(line) for line in parent.stdout if line.strip().isdigit())
    started = psutil.Process(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    started.wait(10)
    assert not psutil.pid_exists(pid)
    parent.stdout.close()
