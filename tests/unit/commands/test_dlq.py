"""`evercart dlq`: what it asks of the box of dead letters, and what it says."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self

import pytest
from aiokafka.errors import KafkaConnectionError
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import backtest_sources
from libs.inbox import put_back
from libs.inbox.put_back import DeadLetter, Waiting

AT = datetime(2026, 12, 1, 10, 15, tzinfo=UTC)
LETTERS = [
    DeadLetter(
        "cart.events", n, AT, "unreadable", 3, 40 + n, {"ce_type": b"cart.updated", "ce_id": b"e-7"}, b"k", b"{}"
    )
    for n in (5, 6)
]


class Box:
    """Two letters of one topic, of which `done` is what was dealt with."""

    sent: list[DeadLetter]
    done: list[tuple[str, int]]
    broken: bool

    def __init__(self, *_: Any) -> None: ...

    async def __aenter__(self) -> Self:
        if Box.broken:
            raise KafkaConnectionError("nobody there")
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def counts(self) -> list[Waiting]:
        return [Waiting("cart.events", 0 if Box.done else 2, 7)]

    async def newest(self, topic: str) -> int:
        if topic != "cart.events":
            raise KeyError(topic)
        return LETTERS[-1].number

    async def letters(
        self, _: str, numbers: Iterable[int] | None = None, *, most: int | None = None
    ) -> list[DeadLetter]:
        waiting = [] if Box.done else LETTERS[:most]
        return waiting if numbers is None else [one for one in LETTERS if one.number in numbers]

    async def put_back(self, letters: Iterable[DeadLetter]) -> int:
        Box.sent.extend(letters)
        return len(Box.sent)

    async def dealt_with(self, topic: str, number: int) -> None:
        Box.done.append((topic, number))


@pytest.fixture(autouse=True)
def box(monkeypatch: pytest.MonkeyPatch) -> None:
    Box.sent, Box.done, Box.broken = [], [], False
    monkeypatch.setattr(put_back, "DeadLetterBox", Box)
    monkeypatch.setattr(backtest_sources, "of_stack", lambda *_: ("here", "p."))


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["dlq", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_list_says_how_many_wait_and_fails_as_long_as_any_does() -> None:
    assert run("list")[:2] == (1, "cart.events: 2 waiting of 7\n")
    run("dismiss", "cart.events")
    assert run("list")[:2] == (0, "cart.events: 0 waiting of 7\nNo dead letter waits.\n")


def test_letters_are_shown_with_their_reason_and_what_they_say_only_when_asked_for() -> None:
    line = "5  2026-12-01 10:15:00  cart.updated e-7  from cart.events/3/45: unreadable"
    code, out, _ = run("show", "cart.events", "5")
    assert (code, out.splitlines()) == (0, [line])
    assert run("show", "cart.events", "5", "--value")[1].splitlines() == [line, "  {}"]
    assert len(run("show", "cart.events")[1].splitlines()) == 2


def test_all_that_wait_are_put_back_and_wait_no_longer() -> None:
    assert run("replay", "cart.events")[:2] == (0, "2 records were put back on cart.events.\n")
    assert (Box.sent, Box.done) == (LETTERS, [("cart.events", 6)])


def test_one_that_is_named_is_put_back_and_the_others_wait_on() -> None:
    assert run("replay", "cart.events", "6")[:2] == (0, "1 record was put back on cart.events.\n")
    assert (Box.sent, Box.done) == (LETTERS[1:], [])


def test_what_is_dismissed_is_not_put_back() -> None:
    assert run("dismiss", "cart.events")[:2] == (0, "2 of cart.events wait no longer.\n")
    assert (Box.sent, Box.done) == ([], [("cart.events", 6)])


def test_an_unknown_topic_and_brokers_that_are_away_are_told_in_a_line() -> None:
    code, _, err = run("replay", "cart.event")
    assert (code, err.splitlines()[0].split(";")[0]) == (2, "evercart: there is no topic cart.event")
    Box.broken = True
    code, _, err = run("list")
    assert code == 1
    assert err.startswith("evercart: the brokers can't be asked: ")
