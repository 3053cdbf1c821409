"""Which carts `abandoned_cart` is for."""

import pytest

from services.trigger.domain.kinds.abandoned_cart import Enter


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
