"""`evercart campaigns`: pull, diff and push against a trigger."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands.installation import Service
from deploy.traffic.cart_api import RefusedError
from tests.unit.trigger.making import THREE_STEPS

AT = ["--trigger-url", "http://trigger.test", "--store", "shop"]
CHANGES = {
    "dry_run": True,
    "version": "4",
    "campaigns": [
        {"name": "low_stock", "change": "unchanged", "since": "2026-01-01", "fields": []},
        {
            "name": "cart",
            "change": "changed",
            "since": "2026-01-01",
            "fields": [{"field": "steps.nudge.delay", "before": "PT1H", "after": "PT2H"}],
        },
    ],
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any, Mapping[str, str] | None]]:
    calls = list[tuple[str, str, Any, Mapping[str, str] | None]]()

    async def call(
        _: Service, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        calls.append((method, path, body, headers))
        if method == "GET":
            return {"version": "3", "campaigns": [{"since": "2026-01-01", "campaign": {"name": "cart"}}]}
        return CHANGES | {"dry_run": "dry_run" in path}

    monkeypatch.setenv("EVERCART_TRIGGER_KEY", "sk_of_the_shop")
    monkeypatch.setattr(Service, "call", call)
    return calls


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "shop.yaml").write_text(THREE_STEPS)
    return str(tmp_path / "shop.yaml")


def test_what_is_pulled_can_be_pushed(asked: object) -> None:
    result = CliRunner().invoke(app, ["campaigns", "pull", *AT])
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"campaigns": [{"name": "cart"}]})


def test_a_diff_is_a_dry_run_and_names_each_field(asked: Any, file: str) -> None:
    result = CliRunner().invoke(app, ["campaigns", "diff", file, *AT])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "cart: changed, on since 2026-01-01",
        '  steps.nudge.delay: "PT1H" -> "PT2H"',
    ]
    assert [(method, path) for method, path, *_ in asked] == [("PUT", "/v1/stores/shop/campaigns?dry_run=true")]


def test_a_push_insists_on_what_was_there(asked: Any, file: str) -> None:
    result = CliRunner().invoke(app, ["campaigns", "push", file, *AT])
    assert result.stdout.endswith("Version 4 is in force.\n")
    method, path, body, headers = asked[-1]
    assert (method, path, headers) == ("PUT", "/v1/stores/shop/campaigns", {"If-Match": '"3"'})
    assert [one["name"] for one in body["campaigns"]] == ["abandoned_cart", "low_stock"]


def test_a_faulty_file_is_told_with_its_line_before_anybody_is_asked(asked: Any, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("campaigns:\n  - {name: a, kind: unheard_of}\n")
    result = CliRunner().invoke(app, ["campaigns", "push", str(tmp_path / "x.yaml"), *AT])
    assert (result.exit_code, asked) == (2, [])
    assert result.stderr.startswith("x.yaml:2: ")


@pytest.mark.parametrize("command", ["diff", "push"])
def test_what_only_the_trigger_knows_to_be_wrong_is_told_with_the_lines_of_the_file(
    asked: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    """Templates and pools of coupons, which the notifier has told it of, and currencies."""
    others = Service.call

    async def call(self: Service, method: str, path: str, *more: Any, **named: Any) -> Any:
        if method == "GET":
            return await others(self, method, path, *more, **named)
        step = "/campaigns/0/steps/0"
        faults = [
            {"pointer": f"{step}/coupon/pool", "detail": "the store has no pool of coupons named back01"},
            {"pointer": f"{step}/template", "detail": "the store has no template named ab"},
        ]
        raise RefusedError("asking the trigger", 422, "invalid-request", "The campaigns have faults.", faults)

    monkeypatch.setattr(Service, "call", call)
    (tmp_path / "x.yaml").write_text(
        "campaigns:\n  - name: a\n    kind: abandoned_cart\n    steps:\n"
        "      - delay: 1h\n        channel: email\n        template: ab\n        coupon: {pool: back01}\n"
    )
    result = CliRunner().invoke(app, ["campaigns", command, str(tmp_path / "x.yaml"), *AT])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "x.yaml:7: campaigns.1.steps.1.template: the store has no template named ab",
        "x.yaml:8: campaigns.1.steps.1.coupon.pool: the store has no pool of coupons named back01",
    ]


def test_a_trigger_that_refuses_the_key_is_told(asked: object, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    async def call(*_: Any, **__: Any) -> Any:
        raise RefusedError("asking the trigger", 401, "unauthorized", "")

    monkeypatch.setattr(Service, "call", call)
    result = CliRunner().invoke(app, ["campaigns", "push", file, *AT])
    assert result.exit_code == 1
    assert "unauthorized" in result.stderr
