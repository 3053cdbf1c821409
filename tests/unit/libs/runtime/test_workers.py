"""Workers end with the process that has started them, with each other, and never alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PARENT = """
import sys
from libs.runtime.workers import run_workers
sys.exit(run_workers([sys.executable, "-c", sys.argv[1]], [{"NUMBER": "0"}, {"NUMBER": "1"}]))
"""
STEADY = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
os.write(1, f"up {os.environ['NUMBER']} {os.getpid()}\\n".encode())
signal.sigwait([signal.SIGTERM])
os.write(1, f"ended {os.environ['NUMBER']}\\n".encode())
"""
"""In one write each, and however soon the signal comes."""
ONE_FAILS = STEADY.replace(
    "signal.sigwait",
    'os.environ["NUMBER"] == "1" and os._exit(int(os.environ["WITH"]) if os.read(0, 1) else 9)\nsignal.sigwait',
)


@contextmanager
def started(program: str, **more: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", PARENT, program]
    pipe, environment = subprocess.PIPE, {**os.environ, **more}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as parent:
        yield parent
        parent.kill()


def up(parent: "subprocess.Popen[str]") -> dict[str, int]:
    """The pids of both workers by their numbers, once they are there."""
    assert parent.stdout is not None
    lines = [parent.stdout.readline().split() for _ in range(2)]
    return {number: int(pid) for _, number, pid in lines}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_and_the_status_is_0(number: int):
    with started(STEADY) as parent:
        assert set(up(parent)) == {"0", "1"}
        parent.send_signal(number)
        out, _ = parent.communicate(timeout=30)
        assert sorted(out.split()) == ["0", "1", "ended", "ended"]
        assert parent.returncode == 0


@pytest.mark.parametrize("status", ["0", "3"])
def test_one_that_ends_by_itself_ends_all_and_the_status_is_1(status: str):
    with started(ONE_FAILS, WITH=status) as parent:
        up(parent)
        out, _ = parent.communicate("now", timeout=30)
        assert out == "ended 0\n"
        assert parent.returncode == 1


def test_one_that_is_killed_ends_all():
    with started(STEADY) as parent:
        os.kill(up(parent)["1"], signal.SIGKILL)
        out, _ = parent.communicate(timeout=30)
        assert out == "ended 0\n"
        assert parent.returncode == 1


def test_one_that_follows_a_signal_in_trouble_is_told_of():
    with started(STEADY + "\nif os.environ['NUMBER'] == '1': os._exit(7)\n") as parent:
        up(parent)
        parent.send_signal(signal.SIGTERM)
        parent.communicate(timeout=30)
        assert parent.returncode == 1


def test_none_outlives_the_process_that_has_started_it():
    with started(STEADY) as parent:
        up(parent)
        parent.kill()
        out, _ = parent.communicate(timeout=30)
        assert sorted(out.split()) == ["0", "1", "ended", "ended"], "the pipe is closed once all have gone"
