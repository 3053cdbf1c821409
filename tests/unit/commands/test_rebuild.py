"""`evercart rebuild trigger`: of a running stack, or of the service that the environment names."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app


def test_it_runs_with_the_settings_of_this_environment_and_ends_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[list[str], dict[str, str]]] = []

    class Ended:
        returncode = 3

    def run(words: list[str], env: dict[str, str], **_: Any) -> Ended:
        ran.append((words, env))
        return Ended()

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("TRIGGER_DATABASE_URL", "postgresql://there/trigger")
    assert CliRunner().invoke(app, ["rebuild", "trigger"]).exit_code == 3
    ((words, environment),) = ran
    assert words[1:] == ["-m", "services.trigger.cli.rebuild"]
    assert environment["TRIGGER_DATABASE_URL"] == "postgresql://there/trigger"


def test_without_either_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TRIGGER_DATABASE_URL", raising=False)
    result = CliRunner().invoke(app, ["rebuild", "trigger", "--state", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (
        1,
        "evercart: No stack runs; `evercart up` starts one. Or set TRIGGER_DATABASE_URL.\n",
    )
    assert CliRunner().invoke(app, ["rebuild", "cart"]).exit_code == 2
