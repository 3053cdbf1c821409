"""What is ahead: steps with the carts that come due, what a pause holds back, and why the longest wait."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.console.domain.flow import flows_of
from services.console.domain.pauses import Scope
from services.console.domain.upcoming import Asked, Soon, ahead_of, delays_of, held_back, reasons_of

AT = "2026-12-01T10:00:00+00:00"
NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAID: list[dict[str, Any]] = [
    {
        "name": "cart",
        "kind": "abandoned_cart",
        "steps": [{"name": "nudge", "delay": "PT1H"}, {"delay": "P1D"}, {"template": "x"}],
    },
    {"name": "checkout", "kind": "abandoned_checkout", "steps": [{"delay": "PT30M"}]},
]
IN_FORCE = {"campaigns": [{"since": AT, "campaign": one} for one in SAID]}
ONE, OTHER, GONE = (UUID(int=n) for n in (1, 2, 3))


def test_delays_are_those_of_steps_for_left_carts():
    assert delays_of(flows_of(IN_FORCE, (), ())) == {HOUR, DAY}
    assert delays_of([]) == frozenset()


def test_each_step_has_the_carts_that_it_comes_due_for():
    found = ahead_of(flows_of(IN_FORCE, (), ()), {HOUR: Soon(4, 9), DAY: Soon(0, 2)})
    assert [(one.campaign, one.step.number, one.paused, one.soon) for one in found] == [
        ("cart", 1, False, Soon(4, 9)),
        ("cart", 2, False, Soon(0, 2)),
    ]
    assert [one.step.number for one in ahead_of(flows_of(IN_FORCE, (), ()), {DAY: Soon(0, 2)})] == [2]


@pytest.mark.parametrize(
    ("scope", "paused"), [(Scope("cart", 1), [True, False]), (Scope("cart"), [True, True]), (Scope("x"), [False] * 2)]
)
def test_a_step_is_paused_by_itself_or_with_its_campaign(scope: Scope, paused: list[bool]):
    found = ahead_of(flows_of(IN_FORCE, (), [scope]), {HOUR: Soon(4, 9), DAY: Soon(0, 2)})
    assert [one.paused for one in found] == paused


@pytest.mark.parametrize(
    ("scopes", "held"),
    [
        ([], False),
        ([Scope()], True),
        ([Scope("cart", 2), Scope("cart", 1, "email")], True),
        ([Scope("cart", 1, "sms")], False),
        ([Scope("cart", 2)], False),
        ([Scope("other")], False),
    ],
)
def test_what_waits_is_held_back_by_a_pause_that_covers_it(scopes: list[Scope], held: bool):
    assert held_back(Asked("cart", 1, "nudge", "email", 3, 1, NOW), scopes) is held


def test_reasons_are_of_those_that_still_wait_the_most_frequent_first():
    def message(n: int, state: str, reason: str | None) -> dict[str, Any]:
        return {"reminder_id": str(UUID(int=n)), "state": state, "reason": reason}

    told = [
        message(1, "pending", "quiet_hours"),
        message(2, "pending", "quiet_hours"),
        message(2, "pending", "quiet_hours"),  # one customer is told of twice
        message(3, "sent", "paused"),
        message(4, "sending", None),
        message(5, "pending", "a"),
        message(9, "pending", "paused"),  # not among the longest
    ]
    wanted = [UUID(int=n) for n in range(1, 6)]
    assert reasons_of(wanted, told) == [("quiet_hours", 2), ("", 1), ("a", 1)]
    assert reasons_of([], told) == []
    alike = [message(n, "pending", reason) for n, reason in enumerate("cab", start=1)]
    assert reasons_of(wanted, alike) == [("a", 1), ("b", 1), ("c", 1)], "of those as frequent the first by name"
