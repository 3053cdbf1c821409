"""Which carts `abandoned_cart` is for."""

import pytest
from pydantic import ValidationError

from services.trigger.domain.carts import apply
from services.trigger.domain.conditions import Enter
from services.trigger.domain.episodes import plan
from tests.unit.trigger.making import added, campaigns


@pytest.mark.parametrize(
    ("total", "currency", "why"),
    [
        (1999, "EUR", "below_minimum"),
        (2000, "EUR", None),
        (90000, "EUR", None),
        (90001, "EUR", "above_maximum"),
        (500, "PLN", None),
        (499, "PLN", "below_minimum"),
        (10**9, "PLN", None),
        (2000, "USD", "currency_not_listed"),
        (2000, None, "currency_not_listed"),
    ],
)
def test_a_total_is_held_to_the_bounds_of_its_currency(total: int, currency: str | None, why: str | None) -> None:
    rule = Enter.model_validate({"total": {"EUR": [2000, 90000], "PLN": 500}})
    assert rule.unmet(total, currency) == why


def test_without_a_rule_every_cart_is_meant() -> None:
    assert Enter().unmet(0, None) is None


def test_the_least_may_be_the_most() -> None:
    rule = Enter.model_validate({"total": {"EUR": [5, 5]}})
    assert (rule.unmet(4, "EUR"), rule.unmet(5, "EUR"), rule.unmet(6, "EUR")) == (
        "below_minimum",
        None,
        "above_maximum",
    )


@pytest.mark.parametrize("bounds", [-1, [-1, 5], [0, -1], [5, 4], [1, 2, 3], []])
def test_bounds_that_make_no_sense_are_refused(bounds: object) -> None:
    with pytest.raises(ValidationError, match="total"):
        Enter.model_validate({"total": {"EUR": bounds}})


def test_the_least_may_be_nothing() -> None:
    rule = Enter.model_validate({"total": {"EUR": 0, "PLN": [0, 0]}})
    assert (rule.unmet(0, "EUR"), rule.unmet(0, "PLN"), rule.unmet(1, "PLN")) == (None, None, "above_maximum")


def test_what_either_rule_says_keeps_a_cart_out_and_what_it_is_for_is_said_first() -> None:
    both = """
campaigns:
  - name: cart
    kind: abandoned_cart
    enter: {total: {EUR: [2000, 9000]}}
    conditions: {minimum_total: {EUR: 3000, PLN: 1}}
    steps: [{delay: 1h, channel: email, template: a}, {delay: 2h, channel: email, template: a}]
"""
    for total, skip in ((3000, None), (2999, "below_minimum"), (9001, "above_maximum")):
        planned = plan(apply(None, added(total=total)), campaigns(both))
        assert [(one.number, one.skip) for one in planned] == [(1, skip), (2, skip)]
