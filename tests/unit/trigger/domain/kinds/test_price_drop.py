"""A price that fell: by how much, for whom, and never twice."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.trigger.domain.fan_outs import EVERYBODY, FanOut, Holder
from services.trigger.domain.kinds.price_drop import PriceDrop
from services.trigger.domain.participation import Participants
from tests.unit.trigger.domain.test_fan_outs import fan_out
from tests.unit.trigger.making import T0, after, costs, prices

ANNA = Holder(UUID(int=3), "anna", T0, 7, currency="EUR", seen_price=1000)


def campaign(**says: Any) -> PriceDrop:
    steps = [{"channel": "email", "template": "price_drop"}]
    return PriceDrop.model_validate({"name": "drop", "kind": "price_drop", "steps": steps} | says)


def fell(price: int, previous: int = 1000, **known: Any) -> FanOut:
    return fan_out(campaign="drop", fallen=(costs(price, previous), costs(1, 2, "PLN")), **known)


def reason(told: PriceDrop, price: int, holder: Holder = ANNA) -> str:
    [decided] = told.decide(fell(price), holder, Participants())
    assert (decided.outcome == "would_send") == (decided.reason == "price_drop")
    return decided.reason


@pytest.mark.parametrize(
    ("by", "price", "told"),
    [
        ({"percent": 10}, 900, "price_drop"),
        ({"percent": 10}, 901, "fell_too_little"),
        ({"percent": 99}, 10, "price_drop"),
        ({"EUR": 50, "PLN": 1}, 950, "price_drop"),
        ({"EUR": 50}, 951, "fell_too_little"),
        ({"PLN": 1}, 1, "currency_not_listed"),
    ],
)
def test_it_has_to_fall_by_a_share_or_by_an_amount_in_the_cart_s_currency(
    by: dict[str, int], price: int, told: str
) -> None:
    assert reason(campaign(by=by), price) == told


def test_a_campaign_that_says_nothing_goes_by_ten_percent_and_tells_everybody() -> None:
    plain = campaign()
    assert plain.by == {"percent": 10}
    assert plain.cool_down == timedelta(hours=24)
    crossing = plain.apply_prices(prices(4, costs(900, 1000)), (costs(900, 1000), costs(800, 1000)))
    assert crossing is not None
    assert (crossing.recipients, crossing.level, crossing.level_version) == (EVERYBODY, 800, 4)
    assert (crossing.occurred_at, crossing.threshold, len(crossing.fallen)) == (T0, None, 2)
    assert crossing.crossing_id != campaign(name="other").apply_prices(prices(4), crossing.fallen)
    few = campaign(max_recipients=7).apply_prices(prices(4), crossing.fallen)
    assert few is not None
    assert few.recipients == 7
    assert plain.apply_prices(prices(4), ()) is None


def test_everybody_is_a_number_with_which_postgresql_counts() -> None:
    assert EVERYBODY == 2**62 < 2**63


def test_it_is_judged_by_the_price_that_the_customer_saw() -> None:
    """Story: the price had gone up and came down again; whoever had put it in before saw no drop at all."""
    assert reason(campaign(), 900, ANNA._replace(seen_price=900)) == "price_as_seen"
    assert reason(campaign(), 900, ANNA._replace(seen_price=901)) == "fell_too_little"
    assert reason(campaign(), 990, ANNA._replace(seen_price=1100)) == "price_drop"
    assert reason(campaign(), 9001, ANNA._replace(seen_price=10_000)) == "fell_too_little"
    assert reason(campaign(), 9000, ANNA._replace(seen_price=10_000)) == "price_drop"


def test_where_the_cart_tells_no_price_it_is_judged_by_what_the_store_had_told() -> None:
    unknown = ANNA._replace(seen_price=None)
    assert reason(campaign(), 900, unknown) == "price_drop"
    assert reason(campaign(), 901, unknown) == "fell_too_little"


def test_a_price_in_another_currency_is_none_of_theirs() -> None:
    assert reason(campaign(), 900, ANNA._replace(currency="CZK")) == "price_as_seen"
    assert reason(campaign(), 900, ANNA._replace(currency=None, seen_price=None)) == "price_as_seen"


def test_nobody_is_told_of_a_price_twice_nor_of_one_that_is_not_lower() -> None:
    """Story: 10.00, 8.00, 10.00, 8.00: every second day the same mail."""
    assert reason(campaign(), 800, ANNA._replace(told_price=800)) == "price_told_before"
    assert reason(campaign(), 850, ANNA._replace(told_price=800)) == "price_told_before"
    assert reason(campaign(), 799, ANNA._replace(told_price=800)) == "price_drop"


def test_what_is_told_names_the_item_and_its_price() -> None:
    [decided] = campaign().decide(fell(850), ANNA, Participants())
    assert (decided.sku, decided.price, decided.threshold, decided.kind) == ("tea", 850, None, "price_drop")
    assert (decided.due_at, decided.expires_at) == (T0, after(hours=6))


def test_a_fan_out_is_over_when_the_item_has_another_price() -> None:
    assert campaign().why_over(fell(900)) is None
    assert campaign().why_over(fell(900, superseded=True)) == "superseded"
    assert campaign().why_over(fell(900, remaining=0)) == "done"


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ({"percent": 10, "EUR": 5}, "not both"),
        ({}, "name a percent"),
        ({"percent": 100}, "at most 99"),
        ({"percent": 0}, "greater than or equal to 1"),
        ({"EUR": 0}, "greater than or equal to 1"),
        ({"EURO": 5}, "'EURO' is neither percent nor a currency"),
    ],
)
def test_by_how_much_is_said_so_that_it_can_be_meant(by: dict[str, int], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        campaign(by=by)


def test_a_cap_is_of_at_least_one() -> None:
    with pytest.raises(ValidationError, match="max_recipients"):
        campaign(max_recipients=0)
    assert campaign(max_recipients=1).max_recipients == 1
