"""Who belongs to a segment: by orders and abandonments of a time, as of a moment."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.trigger.domain.facts import About, Facts
from services.trigger.domain.orders import CustomerOrder
from services.trigger.domain.segments import Segment
from tests.unit.trigger.making import T0, after

DAY = timedelta(days=1)


def order(at: datetime = T0, total: int | None = 500, currency: str = "EUR", status: str = "placed") -> CustomerOrder:
    return CustomerOrder("shop", f"{at}", "anna", None, at, currency, total, status, None, at, at)


def has(rules: dict[str, Any], *orders: CustomerOrder, abandoned: tuple[datetime, ...] = (), at: datetime = T0) -> bool:
    return Segment.model_validate(rules).has(orders, abandoned, at)


@pytest.mark.parametrize(
    ("placed", "inside"),
    [(T0, True), (after(seconds=1), False), (T0 - 30 * DAY, True), (T0 - 30 * DAY - timedelta(seconds=1), False)],
)
def test_an_order_counts_within_the_time_and_up_to_the_moment(placed: datetime, inside: bool) -> None:
    assert has({"orders": 1, "within": "30d"}, order(placed)) is inside
    assert has({"spent": {"EUR": 500}, "within": "30d"}, order(placed)) is inside


def test_spent_is_the_sum_in_one_of_the_currencies() -> None:
    vip = {"spent": {"EUR": 1000, "PLN": 4000}}
    assert not has(vip, order(total=999))
    assert has(vip, order(total=1000))
    assert has(vip, order(total=600), order(total=400))
    assert not has(vip, order(total=999), order(total=3999, currency="PLN"))
    assert has(vip, order(total=1), order(total=4000, currency="PLN"))
    assert not has(vip, order(total=None), order(total=9000, currency="USD"))
    assert not has({"spent": {"EUR": 1}}, order(total=None))
    assert has({"spent": {"EUR": 1}}, order(total=None), order(total=1))


def test_what_came_to_nothing_is_no_order() -> None:
    assert not has({"orders": 1}, order(status="cancelled"))
    assert has({"orders": 0}, order(status="returned"))


def test_orders_are_none_at_least_or_from_and_to() -> None:
    one, two = (order(T0 - DAY),), (order(T0 - DAY), order(T0 - 2 * DAY))
    assert [has({"orders": 0}, *some) for some in ((), one, two)] == [True, False, False]
    assert [has({"orders": 2}, *some) for some in ((), one, two)] == [False, False, True]
    assert [has({"orders": [1, 1]}, *some) for some in ((), one, two)] == [False, True, False]
    assert [has({"orders": [0, 1]}, *some) for some in ((), one, two)] == [True, True, False]


def test_abandoned_are_at_least_so_many_within_the_time() -> None:
    times = (T0, T0 - DAY, T0 - 9 * DAY)
    assert has({"abandoned": 2, "within": "2d"}, abandoned=times)
    assert has({"abandoned": 2, "within": "1d"}, abandoned=times)
    assert not has({"abandoned": 3, "within": "2d"}, abandoned=times)
    assert has({"abandoned": 3}, abandoned=times)
    assert not has({"abandoned": 2, "within": "2d"}, abandoned=(T0, after(days=1)))


def test_without_a_time_it_is_a_year_or_as_long_as_decisions_are_kept() -> None:
    assert has({"orders": 1}, order(T0 - 365 * DAY))
    assert not has({"orders": 1}, order(T0 - 366 * DAY))
    assert has({"abandoned": 1}, abandoned=(T0 - 90 * DAY,))
    assert not has({"abandoned": 1}, abandoned=(T0 - 91 * DAY,))


def test_all_that_it_says_must_be_so() -> None:
    rules = {"spent": {"EUR": 500}, "orders": [0, 1], "abandoned": 1}
    assert has(rules, order(), abandoned=(T0,))
    assert not has(rules, order(), abandoned=())
    assert not has(rules, order(total=1), abandoned=(T0,))
    assert not has(rules, order(), order(T0 - DAY), abandoned=(T0,))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({}, "a segment says spent, orders or abandoned"),
        ({"within": "1d"}, "a segment says spent, orders or abandoned"),
        ({"abandoned": 1, "within": "91d"}, "what was abandoned is known for 90 days"),
        ({"abandoned": 0}, "greater than or equal to 1"),
        ({"abandoned": 1001}, "less than or equal to 1000"),
        ({"orders": [2, 1]}, "the most is less than the least"),
        ({"spent": {"EURO": 1}}, "not a currency of ISO 4217"),
        ({"spent": {}}, "at least 1 item"),
        ({"spent": {"EUR": 0}}, "greater than or equal to 1"),
        ({"orders": 1, "within": "0s"}, "greater than datetime.timedelta"),
    ],
)
def test_what_a_segment_can_not_say(rules: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Segment.model_validate(rules)
    assert Segment.model_validate({"abandoned": 1000, "within": "90d"})


def test_how_often_a_cart_was_left_counts_the_others_of_ninety_days() -> None:
    this, a, b, c, late = ((UUID(int=n), 1) for n in range(5))
    left = {this: T0, a: T0 - DAY, b: T0 - 90 * DAY, c: T0 - 91 * DAY, late: after(days=1)}
    facts = Facts(abandoned={("shop", "anna"): left})
    about = About("shop", "anna", episode=this)
    assert facts.times_abandoned(about, T0) == 2
    assert facts.times_abandoned(about._replace(episode=None), T0) == 3
    assert facts.times_abandoned(about, after(days=1)) == 2, "one became too old, another came"
    assert facts.times_abandoned(about._replace(customer_id="ben"), T0) == 0
    assert facts.times_abandoned(about._replace(customer_id=None), T0) == 0
