"""The most specific rule counts, whatever order rules stand in."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.cart.domain.stock.thresholds import Limit, ThresholdRule, Thresholds

LADDER = (
    ThresholdRule(sku="tea", category="drinks", location="warsaw", threshold=10),
    ThresholdRule(sku="tea", category="drinks", threshold=11),
    ThresholdRule(sku="tea", location="warsaw", threshold=12),
    ThresholdRule(sku="tea", threshold=13),
    ThresholdRule(category="drinks", location="warsaw", threshold=14),
    ThresholdRule(category="drinks", threshold=15),
    ThresholdRule(location="warsaw", threshold=16),
)
"""Each counts where none of those above it is there."""


@pytest.mark.parametrize("start", range(len(LADDER)))
def test_sku_goes_before_category_and_category_before_location(start: int):
    left = LADDER[start:]
    for rules in (left, left[::-1]):
        assert Thresholds(rules=rules).limit("tea", "drinks", "warsaw").threshold == 10 + start


def test_a_rule_for_a_location_says_nothing_of_the_sum():
    thresholds = Thresholds(rules=LADDER)
    assert thresholds.limit("jam", None, None).threshold == 5
    assert thresholds.limit("jam", None, "warsaw").threshold == 16


def test_a_level_s_own_threshold_goes_before_all_and_keeps_the_margin_of_its_rule():
    thresholds = Thresholds(rules=(ThresholdRule(sku="tea", threshold=9, rearm_above=7),))
    assert thresholds.limit("tea", None, None, own=0) == Limit(0, 7)
    assert thresholds.limit("jam", None, None, own=2) == Limit(2, 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": [{"threshold": 1}]},
        {"rules": [{"sku": "a", "threshold": 1}, {"sku": "a", "threshold": 2}]},
        {"rules": [{"sku": "a", "threshold": -1}]},
        {"rules": [{"sku": "", "threshold": 1}]},
        {"rules": [{"sku": "a", "treshold": 1}]},
        {"default": -1},
        {"rearm_above": 0},
    ],
    ids=str,
)
def test_thresholds_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValidationError):
        Thresholds.model_validate(wrong)


parts = st.one_of(st.none(), st.sampled_from("ab"))


@example({("a", None, None): 0, ("a", None, "a"): 1, ("a", "a", None): 0}, None, "a")
@given(st.dictionaries(st.tuples(parts, parts, parts), st.integers(0, 99), max_size=12), parts, parts)
def test_the_limit_is_that_of_the_best_rule_that_fits(rules, category, location):
    rules.pop((None, None, None), None)
    listed = [ThresholdRule(sku=s, category=c, location=at, threshold=t) for (s, c, at), t in rules.items()]
    found = Thresholds(rules=tuple(listed)).limit("a", category, location)
    here = ("a", category, location)
    fitting = [w for w in rules if all(part in (None, mine) for part, mine in zip(w, here, strict=True))]
    best = max(fitting, key=lambda where: [part is not None for part in where], default=None)
    assert found.threshold == (5 if best is None else rules[best])
    assert Thresholds(rules=tuple(reversed(listed))).limit("a", category, location) == found


def test_a_threshold_may_be_nought_and_a_margin_one_and_both_what_can_be_kept():
    for threshold, margin in ((0, 1), (10**9, 10**9)):
        said = Thresholds(default=threshold, rearm_above=margin, rules=(ThresholdRule(sku="a", threshold=threshold),))
        assert said.limit("b", None, None) == said.limit("a", None, None) == Limit(threshold, margin)
    for wrong in ({"default": 10**9 + 1}, {"rearm_above": 10**9 + 1}):
        with pytest.raises(ValidationError):
            Thresholds.model_validate(wrong)


def test_what_a_rule_selects_by_has_1_to_100_characters():
    for name in ("x", "x" * 100):
        assert ThresholdRule(sku=name, category=name, location=name, threshold=1).where == (name, name, name)
    for part in ("sku", "category", "location"):
        with pytest.raises(ValidationError, match=part):
            ThresholdRule.model_validate({part: "x" * 101, "threshold": 1})


def test_a_store_has_up_to_ten_thousand_rules():
    rules = [{"sku": f"sku-{n}", "threshold": 1} for n in range(10_001)]
    assert len(Thresholds.model_validate({"rules": rules[:10_000]}).rules) == 10_000
    with pytest.raises(ValidationError, match="rules"):
        Thresholds.model_validate({"rules": rules})


def test_a_store_that_says_nothing_is_low_at_five_and_clear_three_above():
    assert Thresholds().limit("tea", None, None) == Limit(5, 3)
