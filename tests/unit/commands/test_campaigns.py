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


NOTIFIER = ["--notifier-url", "http://notifier.test"]


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch, asked: object) -> dict[str, str]:
    """The problem with which a template is answered, by name; all others are there."""
    monkeypatch.setenv("EVERCART_NOTIFIER_KEY", "sk_of_the_shop")
    problems, others = dict[str, str](), Service.call

    async def call(self: Service, method: str, path: str, *more: Any, **named: Any) -> Any:
        if self.name != "notifier":
            return await others(self, method, path, *more, **named)
        if path.endswith("/coupons"):
            return {"pools": [{"pool": "back10"}]}
        if problem := problems.get(path.split("/")[-2]):
            raise RefusedError("asking the notifier", 404, problem, "")
        return {"name": path}

    monkeypatch.setattr(Service, "call", call)
    return problems


@pytest.mark.parametrize("command", ["diff", "push"])
def test_templates_and_pools_that_the_store_does_not_have_are_told_before_anything_is_in_force(
    asked: Any, templates: dict[str, str], tmp_path: Path, command: str
) -> None:
    steps = "{delay: 1h, channel: email, template: ab, coupon: {pool: %s}}"
    (tmp_path / "x.yaml").write_text(
        f"campaigns:\n  - name: a\n    kind: abandoned_cart\n    steps: [{steps % 'back01'}]\n"
    )
    templates["ab"] = "unknown-template"
    result = CliRunner().invoke(app, ["campaigns", command, str(tmp_path / "x.yaml"), *AT, *NOTIFIER])
    assert (result.exit_code, asked) == (2, [])
    assert result.stderr.splitlines() == [
        "x.yaml:4: campaigns.1.steps.1.coupon.pool: the store has no pool of coupons named back01",
        "x.yaml:4: campaigns.1.steps.1.template: the store has no template named ab",
    ]


def test_what_the_store_has_is_pushed(asked: Any, templates: dict[str, str], file: str) -> None:
    templates["abandoned_cart"] = "unusable-template"  # it is there, in a form that the API does not tell
    result = CliRunner().invoke(app, ["campaigns", "push", file, *AT, *NOTIFIER])
    assert result.stdout.endswith("Version 4 is in force.\n")


def test_a_notifier_that_refuses_the_key_is_told(asked: Any, templates: dict[str, str], file: str) -> None:
    templates["abandoned_cart"] = "unauthorized"
    result = CliRunner().invoke(app, ["campaigns", "push", file, *AT, *NOTIFIER])
    assert (result.exit_code, asked) == (1, [])
    assert "unauthorized" in result.stderr
