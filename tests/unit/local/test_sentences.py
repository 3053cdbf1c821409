"""What the commands of the local stack say where they can't do what is asked: one sentence, and a status."""

import asyncio
import errno
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.local import supervisor
from deploy.local.cache import cache_folder
from deploy.local.errors import LocalStackError, in_words
from deploy.local.folders import Running, take
from deploy.local.output import Log, recorded
from deploy.local.stack import Stack
from deploy.local.supervisor import Supervisor
from deploy.local.up import prepare


def sentence(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout, done.stderr


def test_ending_a_stack_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    """Story: `evercart down --stack 7` said that it had ended a stack, and there was none."""
    (tmp_path / "7").mkdir()
    status, out, said = sentence("down", "--state", str(tmp_path), "--stack", "7")
    assert (status, out) == (1, "")
    assert said == f"evercart: No stack runs in {tmp_path / '7'}; `evercart status` shows those that do.\n"
    assert sentence("down", "--state", str(tmp_path)) == (0, "No stack runs.\n", "")


def test_what_the_system_refuses_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/x/stack.json")

    monkeypatch.setattr("deploy.local.up.up", full)
    assert sentence("up", "--state", str(tmp_path)) == (1, "", "evercart: /x/stack.json: No space left on device.\n")
    assert in_words(OSError(errno.EROFS, "Read-only file system")) == "Read-only file system."


def test_a_home_that_can_not_be_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").write_text("a file, so that not even root makes folders in it")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    with pytest.raises(LocalStackError, match=r"Nothing can be kept in .*home/evercart \(.*\); set XDG_CACHE_HOME"):
        cache_folder()


def test_a_cache_that_is_there_and_can_not_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "evercart"
    monkeypatch.setattr("deploy.local.cache.tempfile.TemporaryFile", refused)
    with pytest.raises(LocalStackError, match="Read-only file system"):
        cache_folder()


def test_a_port_that_was_taken_meanwhile_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    first = prepare(tmp_path, say=said.append)
    assert said == []
    with socket.create_server(("127.0.0.1", first.ports.trigger_health)):
        second = prepare(tmp_path, say=said.append)
    was, now = first.ports.trigger_health, second.ports.trigger_health
    assert said == [f"Port {was} (trigger health) is taken by somebody else; it is {now} from now on."]


async def test_a_full_disk_does_not_end_the_supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Story: what runs could not be noted, so what had crashed was not started again."""
    monkeypatch.setattr(supervisor, "RECORD_AGAIN_S", 0)
    state, lock = take(tmp_path)
    with lock:
        (state / "running.json.partial").symlink_to("/dev/full")
        Supervisor(Stack(state=state), Log(state), print)._record()
        assert "No space left on device" in next(text for _, text in recorded(state, "evercart", 1))
        (state / "running.json.partial").unlink()
        while Running.load(state) is None:
            await asyncio.sleep(0)
