"""`evercart pause` and `resume`: what they ask of the notifier, and what they say."""

from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import pause as module
from deploy.commands.installation import Service
from deploy.traffic.cart_api import RefusedError

AT = "/v1/stores/demo/pauses"
SMS = {"campaign": "", "step": 0, "channel": "sms", "why": "too many", "since": "2026-12-01T10:15:00.123Z"}
CART = SMS | {"campaign": "cart", "step": 2, "channel": ""}


class Notifier(Service):
    """Answers as told, and remembers what it was asked."""

    async def call(self, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        asked.append((method, path, body))
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]


asked: list[tuple[str, str, Any]] = []
answers: list[Any] = []


@pytest.fixture(autouse=True)
def notifier(monkeypatch: pytest.MonkeyPatch) -> None:
    asked.clear()
    monkeypatch.setattr(module, "_notifier", lambda *_: Notifier("notifier", "http://nowhere", "sk"))


def run(answer: Any, *arguments: str) -> tuple[int, str, str]:
    answers[:] = [answer]
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_a_pause_names_what_it_holds_and_all_pauses_are_shown() -> None:
    told = {"pauses": [SMS | {"held_back": 1}, CART | {"held_back": 20}]}
    code, out, _ = run(told, "pause", "too many", "--channel", "sms")
    assert asked == [("PUT", AT, {"campaign": "", "step": 0, "channel": "sms", "why": "too many"})]
    assert (code, out.splitlines()) == (
        0,
        [
            "by sms: paused since 2026-12-01T10:15:00 (too many); 1 message waits",
            "campaign cart step 2: paused since 2026-12-01T10:15:00 (too many); 20 messages wait",
        ],
    )


def test_without_a_reason_it_only_shows_what_is_paused() -> None:
    assert run({"pauses": []}, "pause")[:2] == (0, "Nothing is paused.\n")
    assert asked == [("GET", AT, None)]
    assert run({"pauses": []}, "pause", "--channel", "sms")[0] == 2
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("released", "said"),
    [(1, "all messages: 1 message goes out now that waited."), (3, "all messages: 3 messages go out now that waited.")],
)
def test_the_end_of_a_pause_says_how_many_it_let_go(released: int, said: str) -> None:
    assert run({"released": released}, "resume") == (0, f"{said}\n", "")
    assert asked == [("DELETE", f"{AT}?campaign=&step=0&channel=", None)]


def test_a_refusal_is_one_sentence_and_status_1() -> None:
    refused = RefusedError("asking the notifier", 404, "unknown-pause", "Nothing is paused by exactly these names.")
    code, out, err = run(refused, "resume", "--campaign", "cart & co")
    assert (code, out) == (1, "")
    assert err == f"evercart: {refused}\n"
    assert asked == [("DELETE", f"{AT}?campaign=cart+%26+co&step=0&channel=", None)]


def test_an_installation_is_asked_with_the_notifiers_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Story: explain asked with the notifier's key, and pause with the store's, which it does not take."""
    monkeypatch.undo()
    monkeypatch.setenv("EVERCART_NOTIFIER_KEY", "sk_notifier")
    monkeypatch.setenv("EVERCART_KEY", "sk_store")
    assert module._notifier(None, None, "demo", "https://n.example", None).key == "sk_notifier"
    monkeypatch.delenv("EVERCART_NOTIFIER_KEY")
    assert module._notifier(None, None, "demo", "https://n.example", None).key == "sk_store"
