"""`evercart explain` of somebody of whom nothing is known, and beside a broken campaign file."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import stack


def test_an_unknown_customer_is_told_and_ends_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Story: a customer's id with a typing error was answered "There is no cart." and status 0."""

    async def nothing(*_: object) -> tuple[list[object], list[object], list[object]]:
        return [], [], []

    monkeypatch.setattr(stack, "only_running", lambda *_: SimpleNamespace(campaigns=Path()))
    monkeypatch.setattr("deploy.commands.explain.of_stack", lambda *_: None)
    monkeypatch.setattr("deploy.commands.explain._ask", nothing)
    result = CliRunner().invoke(app, ["explain", "--customer", "amna"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "evercart: nobody knows the customer 'amna' in the store demo\n"


def test_a_broken_campaign_file_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def something(*_: object) -> tuple[list[object], list[object], list[object]]:
        return [{"id": "1"}], [], []

    (tmp_path / "default.yaml").write_text("campaigns: [")
    monkeypatch.setattr(stack, "only_running", lambda *_: SimpleNamespace(campaigns=tmp_path))
    monkeypatch.setattr("deploy.commands.explain.of_stack", lambda *_: None)
    monkeypatch.setattr("deploy.commands.explain._ask", something)
    result = CliRunner().invoke(app, ["explain", "--customer", "anna"])
    assert result.exit_code == 2
    assert result.stderr.startswith("default.yaml:1: text: ")
