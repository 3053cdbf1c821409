"""Intervals are those of the books, and of scipy, which loads `stats` when it is asked: that takes most of a second."""

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain import intervals
from services.console.domain.figures import Interval

near = pytest.approx


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_a_rate_lies_where_scipy_says(of: tuple[int, int]) -> None:
    expected = scipy.stats.binomtest(*of).proportion_ci(method="wilson")
    found = intervals.rate_within(*of)
    assert [found.low, found.high] == near([expected.low, expected.high], abs=1e-9)
    assert 0 <= found.low <= of[0] / of[1] <= found.high <= 1


def test_the_ends_are_the_ends() -> None:
    assert intervals.rate_within(0, 10).low == 0
    assert intervals.rate_within(10, 10).high == 1


@pytest.mark.parametrize("of", [(0, 0), (-1, 3), (4, 3), (1, -1)])
def test_a_rate_of_nobody_is_none(of: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="somebody"):
        intervals.rate_within(*of)


def test_rates_lie_apart_as_newcombe_1998_prints_it() -> None:
    """His examples (a), (b) and (d), method 10."""
    for (a, m, b, n), (low, high) in (
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ):
        found = intervals.rates_apart(a, m, b, n)
        assert [found.low, found.high] == near([low, high], abs=5e-5)


def test_the_bootstrap_is_scipy_s() -> None:
    spent = {0: 400, 1500: 30, 2200: 40, 9900: 5}
    people = np.repeat(list(spent), list(spent.values()))
    expected = scipy.stats.bootstrap(
        (people,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    found = intervals.mean_within(spent)
    assert intervals.mean(spent) == people.mean()
    assert [found.low, found.high] == near([expected.low, expected.high], rel=0.05)


def test_the_bootstrap_comes_out_the_same_each_time() -> None:
    spent, other = {0: 50, 100: 20}, {0: 60, 120: 5}
    assert intervals.mean_within(spent) == intervals.mean_within(dict(reversed(spent.items())))
    apart = intervals.means_apart(spent, other)
    assert apart == intervals.means_apart(spent, other)
    assert apart.low < intervals.mean(spent) - intervals.mean(other) < apart.high
    assert len(intervals._means(spent, intervals.ALONE)) == 1000
    assert intervals.means_apart(spent, spent).low < 0 < intervals.means_apart(spent, spent).high


def test_what_a_page_has_shown_the_next_release_shows_again() -> None:
    """What is drawn is the same wherever numpy draws as before: where a new one does not, new figures are due here."""
    spent, other = {0: 400, 1500: 30, 2200: 40, 9900: 5}, {0: 420, 1200: 31, 3300: 17}
    apart, against = intervals.means_apart(spent, other), intervals.mean_within(spent, intervals.AGAINST)
    assert [apart.low, apart.high] == near([60.355297, 311.657861])
    assert [against.low, against.high] == near([286.947368, 494.526316])


def test_what_is_remembered_of_a_draw_nobody_can_change() -> None:
    with pytest.raises(ValueError, match="read-only"):
        intervals._means({0: 50, 100: 20}, intervals.ALONE)[0] = 1


def test_more_amounts_than_are_drawn_count_as_their_neighbours() -> None:
    many = {amount * 10: 1 for amount in range(intervals.DISTINCT * 5)}
    amounts, people = intervals._grouped(dict.fromkeys(many, 3))
    assert len(amounts) == intervals.DISTINCT == 60
    assert people.sum() == 3 * len(many)
    assert float(amounts @ people) == near(3 * sum(many))
    found = intervals.mean_within(many)
    width = 1.96 * np.std(list(many)) / np.sqrt(len(many))
    assert (found.high - found.low) / 2 == near(width, rel=0.1)
    few = dict.fromkeys(range(intervals.DISTINCT), 2)
    assert len(intervals._grouped(few)[0]) == intervals.DISTINCT
    assert intervals._grouped({5: 2, 1: 3})[0].tolist() == [1, 5]
    assert intervals._grouped({5: 2, 1: 3})[1].tolist() == [3, 2]


def test_one_amount_leaves_nothing_to_chance() -> None:
    assert intervals.mean_within({700: 12}) == Interval(700.0, 700.0)


def test_people_are_divided_as_was_planned_or_not() -> None:
    people, planned = {"holdout": 120, "treatment": 880}, {"holdout": 10.0, "treatment": 90.0}
    assert intervals.sample_ratio(people, planned) == near(scipy.stats.chisquare([120, 880], [100, 900]).pvalue)
    three = {"a": 30, "b": 40, "c": 20}
    assert intervals.sample_ratio(three, dict.fromkeys("abc", 1.0)) == near(scipy.stats.chisquare([30, 40, 20]).pvalue)
    assert intervals.sample_ratio({"a": 30}, {"a": 1, "b": 1}) == near(scipy.stats.chisquare([30, 0]).pvalue)


@pytest.mark.parametrize(
    ("people", "planned"), [({}, {"a": 1, "b": 1}), ({"a": 9}, {"a": 1}), ({"a": 9}, {"a": 1, "b": 0})]
)
def test_nothing_is_said_of_nobody_and_of_one_arm(people: dict[str, int], planned: dict[str, float]) -> None:
    assert intervals.sample_ratio(people, planned) == 1.0


def test_how_many_people_it_takes() -> None:
    """10 against 12 per cent, 80 per cent power, 5 per cent two-sided: 3,839 in the tables (without pooling)."""
    assert intervals.people_needed(0.12, 0.10) == near(3839, abs=2)
    assert intervals.people_needed(0.10, 0.12) == intervals.people_needed(0.12, 0.10)
    assert intervals.people_needed(0.1, 0.1) is None


def test_the_bounds_are_those_of_95_in_100() -> None:
    assert near(1.959964, abs=1e-6) == intervals.Z
    assert near(0.841621, abs=1e-6) == intervals.POWER_Z
