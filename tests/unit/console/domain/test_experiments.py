"""Arms compared."""

import pytest

from services.console.domain import experiments
from services.console.domain.experiments import FEWEST, arm_of, difference, experiment, together
from services.console.domain.figures import Difference, Interval, Money, Revenue, SampleRatio, Step
from services.console.domain.intervals import mean_within, means_apart, rate_within, rates_apart

BOUGHT, ANYWAY = {0: 800, 2000: 200}, {0: 950, 2000: 50}


def test_an_arm_says_how_many_ordered_and_what_each_spent() -> None:
    arm = arm_of("treatment", BOUGHT, 200)
    assert (arm.arm, arm.people, arm.ordered, arm.rate, arm.spent) == ("treatment", 1000, 200, 0.2, 400)
    assert (arm.rate_within, arm.spent_within) == (rate_within(200, 1000), mean_within(BOUGHT))


def test_an_empty_arm_says_nothing_and_is_compared_with_nothing() -> None:
    empty, full = arm_of("a", {}, 0), arm_of("b", BOUGHT, 200)
    assert (empty.people, empty.ordered, empty.rate, empty.rate_within, empty.spent, empty.spent_within) == (
        *(0, 0, None, None, None, None),
    )
    assert difference(empty, full, {}, BOUGHT) is None
    assert difference(full, empty, BOUGHT, {}) is None


def test_everything_is_compared_with_the_holdout() -> None:
    found = experiment("cart", "EUR", {"holdout": (ANYWAY, 50), "b": (BOUGHT, 200), "a": (BOUGHT, 210)}, 10)
    assert (found.campaign, found.currency, found.sample_ratio) == ("cart", "EUR", None)
    assert [arm.arm for arm in found.arms] == ["a", "b", "holdout"]
    assert [(one.arm, one.against) for one in found.differences] == [("a", "holdout"), ("b", "holdout")]
    b = found.differences[1]
    assert [b.rate, b.spent] == pytest.approx([0.15, 300])
    assert (b.rate_within, b.spent_within) == (rates_apart(200, 1000, 50, 1000), means_apart(BOUGHT, ANYWAY))
    assert b.is_sure
    assert found.days_left == 0


def test_without_a_holdout_the_first_arm_is_what_others_are_compared_with() -> None:
    found = experiment("cart", None, {"b": (BOUGHT, 200), "a": (ANYWAY, 50)}, 10)
    assert [(one.arm, one.against) for one in found.differences] == [("b", "a")]


def test_shares_that_were_planned_are_held_against_what_is() -> None:
    planned = {"b": 50.0, "a": 50.0}
    found = experiment("cart", None, {"b": (BOUGHT, 200), "a": (ANYWAY, 50)}, 10, planned)
    assert found.sample_ratio == SampleRatio(1.0, (("a", 50.0), ("b", 50.0)))
    assert not found.sample_ratio.is_broken
    broken = experiment("cart", None, {"b": (BOUGHT, 200), "a": ({0: 700}, 50)}, 10, planned).sample_ratio
    assert broken is not None
    assert broken.is_broken
    assert [SampleRatio(p_value, ()).is_broken for p_value in (0.0009, 0.001)] == [True, False]


def left(ordered: int, other: int, people: int, days: int = 10) -> int | None:
    groups = {"b": ({0: people}, ordered), "holdout": ({0: people}, other)}
    return experiment("cart", None, groups, days).days_left


def test_it_takes_as_many_days_more_as_people_are_missing() -> None:
    """20 against 15 of 100 need 903 in each arm: 10 days brought 100, so 81 more."""
    assert left(20, 15, 100) == 81
    assert left(20, 15, 100, days=20) == 161
    assert left(20, 15, 100, days=1) == 9


def test_arms_that_are_alike_are_never_told_apart_as_far_as_anybody_can_say() -> None:
    assert left(20, 20, 100) is None
    assert left(201, 200, 1000) is None, "more than a year"
    assert left(17, 12, 100, days=54) == 365
    assert left(16, 11, 100, days=58) is None, "a day more than a year"


def test_few_people_are_not_enough_however_clear_it_seems() -> None:
    assert left(19, 1, 20) == 40, "a hundred in each arm at least"
    assert FEWEST == 100
    assert left(95, 5, FEWEST) == 0
    assert left(94, 5, FEWEST - 1) == 1
    assert left(5, 95, FEWEST) == 0


def test_what_is_told_apart_by_now_waits_no_longer_though_more_people_were_to_be_asked() -> None:
    assert left(46, 30, 200) == 0, "374 in each arm would be sure to show it; these show it already"
    assert left(30, 46, 200) == 0, "and so where it is worse"
    assert left(45, 30, 200) == left(30, 45, 200) == 12


@pytest.mark.parametrize(("low", "high", "waits"), [(0.0, 0.1, True), (-0.1, 0.0, True), (1e-9, 0.1, False)])
def test_a_difference_that_may_be_none_is_waited_for(
    low: float, high: float, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiments, "rates_apart", lambda *_: Interval(low, high))
    assert (left(20, 15, 100) != 0) is waits
    monkeypatch.setattr(experiments, "rates_apart", lambda *_: Interval(-high, -low))
    assert (left(20, 15, 100) != 0) is waits


def test_the_larger_the_difference_the_sooner_it_shows() -> None:
    assert left(116, 100, 1000) == 50
    assert left(30, 20, 1000) == 29


def test_one_arm_that_can_t_be_told_apart_keeps_all_waiting() -> None:
    groups = {"a": ({0: 1000}, 300), "b": ({0: 1000}, 100), "holdout": ({0: 1000}, 100)}
    assert experiment("cart", None, groups, 10).days_left is None
    groups["b"] = ({0: 1000}, 110)
    waits = experiment("cart", None, groups, 10).days_left
    assert waits is not None
    assert waits > 0
    empty = {"a": ({}, 0), "holdout": ({0: 10}, 1)}
    assert experiment("cart", None, empty, 10).days_left is None
    assert experiment("cart", None, groups, 0).days_left is None


def test_groups_of_people_are_put_together() -> None:
    assert together([{0: 3, 500: 1}, {500: 2, 700: 1}, {}]) == {0: 3, 500: 3, 700: 1}


@pytest.mark.parametrize(
    ("low", "high", "sure"), [(0.01, 0.2, True), (-0.2, -0.01, True), (-0.1, 0.1, False), (0, 1, False), (-1, 0, False)]
)
def test_a_difference_is_sure_when_it_leaves_out_none(low: float, high: float, sure: bool) -> None:
    within = Interval(low, high)
    assert Difference("a", "b", rate=0.1, rate_within=within, spent=0, spent_within=within).is_sure is sure


def test_revenue_for_each_message_is_of_those_that_were_sent() -> None:
    counts = dict.fromkeys(
        ("decided", "held_out", "asked", "waiting", "delivered", "bounced", "complained", "opened", "clicked"), 0
    )
    earned = Revenue((), Money("EUR", 5000))
    step = Step(
        1, None, "email", None, **counts, sent=10, suspected=0, ordered=2, revenue=earned, skipped=(), not_sent=()
    )
    assert step.per_person == 500
    none = Step(
        1, None, "email", None, **counts, sent=0, suspected=0, ordered=0, revenue=earned, skipped=(), not_sent=()
    )
    assert none.per_person is None
