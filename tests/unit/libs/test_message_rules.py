"""What a store may say of what comes again, and of what a text costs."""

from typing import Any

import pytest
from pydantic import ValidationError

from libs.contracts.message_rules import MessageRules


@pytest.mark.parametrize("every", ["week", "month", "2 weeks", "9 weeks", "10 months", "12 weeks", "12 months"])
def test_how_often_is_so_many_weeks_or_months(every: str):
    assert MessageRules(repeat_every=every).repeat_every == every


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            {"repeat_every": one}
            for one in ("", "day", "1 week", "0 weeks", "2 week", "13 weeks", "2 years", "2  weeks")
        ),
        *({"repeat_products": (one,)} for one in ("", "a*b", "**", "a\n", "x" * 129)),
        {"repeat_products": tuple(f"sku-{n}" for n in range(101))},
    ],
)
def test_what_says_nothing_of_that_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        MessageRules(**wrong)


def test_products_are_named_by_sku_or_by_how_they_begin():
    assert MessageRules().repeat_products == ()
    assert MessageRules(repeat_products=["coffee-*", "ünïcode 7", "*"]).repeat_products == (
        "coffee-*",
        "ünïcode 7",
        "*",
    )


@pytest.mark.parametrize("price", ["0", "0.045", "12", "999999.999999", "0.000001"])
def test_a_price_of_a_segment_is_a_decimal_number(price: str):
    assert MessageRules(segment_price=price).segment_price == price
    assert MessageRules().segment_price is None


@pytest.mark.parametrize(
    "price", ["", "-1", "+1", ".5", "1.", "007", "1e3", "NaN", "0,045", " 1", "1\n", "1000000", "0.0000001", "٣", 0.045]
)
def test_what_is_no_price_is_refused(price: Any):
    with pytest.raises(ValidationError):
        MessageRules(segment_price=price)
