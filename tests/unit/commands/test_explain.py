"""`evercart explain`: of somebody of whom nothing is known, by address, and however many pages there are."""

from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import explain as module
from deploy.commands import stack
from deploy.commands.completion import complete
from deploy.commands.installation import Installation, Service


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "only_running", lambda *_: SimpleNamespace())
    monkeypatch.setattr("deploy.commands.installation.of_stack", lambda *_: _installation({}))


class Answers(Service):
    """Answers what stands under a method and a path, and remembers what it was asked."""

    answers: dict[str, Any]

    async def call(self, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        told = ANSWERS[f"{method} {path}"]
        return told(body) if callable(told) else told


ANSWERS: dict[str, Any] = {}
AHEAD = [{"step": 3}]


def _installation(answers: dict[str, Any]) -> Installation:
    ANSWERS.clear()
    ANSWERS.update(answers)
    return Installation(*(Answers(name, "http://nowhere", "sk") for name in ("cart", "trigger", "notifier")))


def test_an_unknown_customer_is_told_and_ends_with_status_1(running: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Story: a customer's id with a typing error was answered "There is no cart." and status 0."""

    async def nothing(*_: object) -> module.Told:
        return module.Told([], [], [], {})

    monkeypatch.setattr("deploy.commands.explain._ask", nothing)
    result = CliRunner().invoke(app, ["explain", "--customer", "amna"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "evercart: nobody knows the customer 'amna' in the store demo\n"


@pytest.mark.parametrize("given", [[], ["--customer", "a", "--cart", "b"], ["--cart", "b", "--address", "a@b.example"]])
def test_one_thing_is_asked_for(given: list[str]) -> None:
    assert CliRunner().invoke(app, ["explain", *given]).exit_code == 2


def test_every_page_is_read() -> None:
    """Story: of a customer with more carts than a page has, explain left out the oldest, and said nothing of it."""
    base = "/v1/stores/demo"
    asked = _installation(
        {
            f"GET {base}/carts?customer_id=anna": {"carts": [{"id": "2"}], "next": "2"},
            f"GET {base}/carts?customer_id=anna&after=2": {"carts": [{"id": "1"}], "next": None},
            f"GET {base}/messages?customer_id=anna": {"messages": [{"reminder_id": "b"}], "next": "x.y"},
            f"GET {base}/messages?customer_id=anna&after=x.y": {"messages": [{"reminder_id": "a"}], "next": None},
            f"GET {base}/explain?customer=anna": {
                "carts": [{"cart_id": "2", "ahead": AHEAD}],
                "watches": [{"sku": "tea"}],
                "occasions": [{"subject": "order.placed"}],
                "decisions": [{"step": 2}],
                "next": "n",
            },
            f"GET {base}/explain?customer=anna&after=n": {"carts": [], "decisions": [{"step": 1}], "next": None},
        }
    )
    told = complete(module._ask(asked, "demo", "anna", None))
    assert [one["id"] for one in told.carts] == ["2", "1"]
    assert [one["reminder_id"] for one in told.messages] == ["b", "a"]
    assert (told.decisions, told.ahead) == ([{"step": 2}, {"step": 1}], {"2": AHEAD})
    assert (told.watches, told.occasions) == ([{"sku": "tea"}], [{"subject": "order.placed"}])


def test_what_is_watched_is_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    module._show(module.Told([], [], [], {}, [{"sku": "tea", "set_at": "2026-12-01", "why": "They wait."}]))
    assert "watches tea since 2026-12-01: They wait." in capsys.readouterr().out


def test_what_is_ahead_of_an_order_is_shown_and_what_was_decided_about_no_cart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Story: of a decision about an order it was said that the cart None is not among the customer's carts."""
    step = {"campaign": "thanks", "step": 1, "channel": "email", "due_at": "2026-12-08T10:00:00Z"}
    order = {"subject": "order.placed", "order_id": "1001", "since": "2026-12-01", "why": "They have ordered."}
    over: dict[str, Any] = {
        "subject": "customer.ordered",
        "order_id": None,
        "since": "2026-12-01",
        "why": "Then.",
        "ahead": [],
    }
    ahead = [step | {"state": "planned", "why": "it goes out then"}]
    decided = step | {"reminder_id": "r", "cart_id": None, "outcome": "skipped", "why": "it is a holdout"}
    module._show(module.Told([], [], [decided], {}, [], [order | {"ahead": ahead}, over]))
    shown = capsys.readouterr().out
    assert "order.placed 1001 2026-12-01: They have ordered." in shown
    assert "customer.ordered 2026-12-01: Then." in shown
    assert "thanks, step 1 by email" in shown
    assert "about no cart" in shown
    assert "None" not in shown


def test_an_address_is_asked_for_in_a_body_and_never_in_a_url() -> None:
    bodies = []

    def found(body: Any) -> Any:
        bodies.append(body)
        return {"customer_ids": ["anna", "7"]}

    asked = _installation({"POST /v1/stores/demo/customers/find": found})
    assert complete(module.customers_at(asked, "demo", "a@b.example")) == ["anna", "7"]
    assert bodies == [{"address": "a@b.example"}]


def test_an_address_that_nobody_has_is_told_without_the_address(running: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ANSWERS["POST /v1/stores/demo/customers/find"] = {"customer_ids": []}
    monkeypatch.setattr("deploy.commands.installation.of_stack", lambda *_: _installation(dict(ANSWERS)))
    result = CliRunner().invoke(app, ["explain", "--address", "a@b.example"])
    assert (result.exit_code, result.stderr) == (1, "evercart: Nobody in the store demo has this address.\n")
