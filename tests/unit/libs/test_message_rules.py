"""What a store may say of what comes again."""

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
