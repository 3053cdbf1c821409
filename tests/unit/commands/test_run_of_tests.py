"""`evercart test` becomes pytest."""

import os
import sys

import pytest
from typer.testing import CliRunner

from deploy.cli import app


def test_what_one_process_of_a_run_has_compiled_all_others_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the shell says: a run starts hundreds of processes."""
    became: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *call: became.append(call))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("EVERCART_TEST_KAFKA", "127.0.0.1:9092")
    assert CliRunner().invoke(app, ["test", "-q", "-n", "3"]).exit_code == 0
    [(program, command, environment)] = became
    assert (program, command) == (sys.executable, [sys.executable, "-m", "pytest", "-q", "-n", "3"])
    assert environment == {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    assert environment["EVERCART_TEST_KAFKA"] == "127.0.0.1:9092"
