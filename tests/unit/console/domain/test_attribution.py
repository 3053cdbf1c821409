"""An order is credited to the last click within the window, or to nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.attribution import Click, credited
from services.console.domain.rules import Rules
from tests.unit.console.making import at, named

FIVE = Rules()
clicks = st.builds(
    lambda number, channel, hours, suspected: Click(UUID(int=number), channel, at(hours=hours), suspected=suspected),
    st.integers(0, 5),
    st.sampled_from(["email", "sms"]),
    st.integers(-24 * 35, 24 * 2),
    st.booleans(),
)


def click(name: str, channel: str = "email", *, suspected: bool = False, **ago: float) -> Click:
    return Click(named(name), channel, at() - timedelta(**ago), suspected=suspected)


def test_the_last_click_counts() -> None:
    assert credited(at(), [click("old", hours=3), click("new", hours=1), click("older", hours=9)], FIVE) == named("new")


def test_a_click_after_the_order_led_to_nothing() -> None:
    assert credited(at(), [click("late", hours=-1)], FIVE) is None
    assert credited(at(), [], FIVE) is None


@pytest.mark.parametrize(("seconds", "counts"), [(0, True), (1, False)])
def test_a_window_ends_to_the_second(seconds: int, counts: bool) -> None:
    found = credited(at(), [click("a", days=5, seconds=seconds)], FIVE)
    assert (found == named("a")) is counts
    assert credited(at(), [click("now")], FIVE) == named("now")


def test_each_channel_has_its_own_window() -> None:
    rules = Rules(window_days=5, channel_days={"sms": 1})
    told = [click("mail", days=3), click("text", "sms", days=2)]
    assert credited(at(), told, rules) == named("mail")
    assert credited(at(), told, Rules()) == named("text")


def test_a_suspected_click_counts_for_nothing() -> None:
    assert credited(at(), [click("human", hours=5), click("machine", hours=1, suspected=True)], FIVE) == named("human")


@given(st.lists(clicks, max_size=8), st.randoms(), st.integers(1, 30))
def test_neither_order_nor_repetition_of_clicks_matters(told: list[Click], random, days: int) -> None:
    again = told * 2
    random.shuffle(again)
    rules = Rules(window_days=days, channel_days={"sms": 3})
    assert credited(at(), again, rules) == credited(at(), told, rules)


@given(st.lists(clicks, max_size=8), st.integers(1, 29))
def test_a_longer_window_never_takes_a_credit_away_for_nothing(told: list[Click], days: int) -> None:
    short, long = (credited(at(), told, Rules(window_days=n)) for n in (days, days + 1))
    assert short is None or long is not None
