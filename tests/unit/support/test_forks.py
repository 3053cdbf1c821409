"""Processes that begin with the libraries loaded are like any other process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.forks import SERVICES, Forks, Started, forks

PROGRAM = """
import os, sys
if __name__ == "__main__":
    print(sys.argv[1:], dict(os.environ), os.getcwd(), os.getsid(0) == os.getpid(), flush=True)
    print("fastapi" in sys.modules, "services" in sys.modules, sys.stdin.read() == "", flush=True)
    if sys.argv[1] == "fails":
        raise ValueError("in trouble")
    if sys.argv[1] == "stays":
        __import__("signal").pause()
    sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path


def start(by: Forks, folder: Path, *arguments: str) -> Started:
    with (folder / "log").open("wb") as log:
        return by.start((sys.executable, "-m", "program", *arguments), {"SAID": "hello"}, folder, log.fileno())


def test_it_has_arguments_environment_folder_outputs_and_status_of_its_own(program: Path):
    with forks() as made:
        assert start(made, program, "3", "more").wait(60) == 3
    told = [f"['3', 'more'] {{'SAID': 'hello'}} {program} True", "True False True"]
    assert (program / "log").read_text().splitlines() == told


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_one_is_ended_by_a_signal_and_another_goes_on(number: signal.Signals, program: Path):
    with forks() as made:
        one, other = start(made, program, "stays"), start(made, program, "stays")
        with pytest.raises(subprocess.TimeoutExpired):
            one.wait(0)
        os.kill(one.pid, number)
        assert one.wait(60) == one.poll() == -number
        assert other.poll() is None
        alive = psutil.Process(other.pid)
    alive.wait(60)


def test_what_it_could_not_do_is_told_with_its_last_words(program: Path):
    with forks() as made:
        assert start(made, program, "fails").wait(60) == 1
    assert (program / "log").read_text().endswith("ValueError: in trouble\n")


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_is_loaded_once_and_started_again_and_again(service: str, tmp_path: Path):
    """Of two that run at the same time each has a number, a status and an output of its own."""
    with forks() as made:
        one, other = (made.run(service, word, env={}, log=tmp_path / word) for word in ("tea", "jam"))
        assert (one.wait(60), other.wait(60)) == (2, 2), "no such role"
        parents = made._of_services
    assert list(parents) == [service]
    for word in ("tea", "jam"):
        told = (tmp_path / word).read_text()
        assert f"'{word}'" in told
        assert "Warning" not in told


def test_what_ends_while_it_is_loaded_is_no_wait(monkeypatch, tmp_path: Path):
    monkeypatch.setattr("tests.support.forks.SERVICES", {"tests.no_service"})
    with forks() as made, pytest.raises(AssertionError, match="the process that starts others has ended"):
        made.run("tests.no_service", env={})
