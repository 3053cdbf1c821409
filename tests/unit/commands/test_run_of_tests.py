"""`evercart test` becomes pytest."""

import os
import sys

import pytest
from typer.testing import CliRunner

from deploy.cli import app

Became = list[tuple[str, list[str], dict[str, str]]]
"""Programs, with their commands and environments."""


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> Became:
    """What the command has become."""
    found: Became = []
    monkeypatch.setattr(os, "execve", lambda *call: found.append(call))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    return found


def test_what_one_process_of_a_run_has_compiled_all_others_take(
    became: Became, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the shell says: a run starts hundreds of processes."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("EVERCART_TEST_KAFKA", "127.0.0.1:9092")
    assert CliRunner().invoke(app, ["test", "-q", "-n", "3"]).exit_code == 0
    [(program, command, environment)] = became
    assert (program, command) == (sys.executable, [sys.executable, "-m", "pytest", "-q", "-n", "3"])
    assert environment == {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    assert environment["EVERCART_TEST_KAFKA"] == "127.0.0.1:9092"


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_two_a_core_run_at_once_and_one_more_which_take_of_each_other_what_is_left(
    cores: int, became: Became, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    for asked in (["-q"], ["--pdb"], ["-n0"]):
        assert CliRunner().invoke(app, ["test", *asked]).exit_code == 0
    spread = ["-n", str(2 * cores + 1), "--dist", "worksteal"]
    assert [command[3:] for _, command, _ in became] == [[*spread, "-q"], ["--pdb"], ["-n0"]]
