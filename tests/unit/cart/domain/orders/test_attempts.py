"""An order that came to nothing and is told again: late, or placed anew."""

from datetime import timedelta

import pytest

from services.cart.domain.orders.attempts import came_to_nothing_at, gave_back_at, is_placed_anew
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.fulfilment import Update
from tests.unit.cart.carts import NOON

SECOND = timedelta(seconds=1)


def fact(kind="cancelled", *, seconds=0, reopen=True) -> Update:
    return Update(kind, NOON + seconds * SECOND, 0, {}, reopen)


def test_the_last_fact_that_gave_goods_back_says_when():
    assert gave_back_at([]) is None
    facts = [fact(seconds=5), fact("payment_failed", seconds=9), fact(seconds=20, reopen=False), fact(seconds=7)]
    assert gave_back_at(facts) == NOON + 9 * SECOND


@pytest.mark.parametrize("status", ["payment_failed", "cancelled"])
def test_what_came_to_nothing_and_gave_its_goods_back_is_over(status):
    assert came_to_nothing_at(status, [fact()]) == NOON
    assert came_to_nothing_at(status, [fact(reopen=False)]) is None


@pytest.mark.parametrize("status", ["placed", "shipped", "delivered", "returned"])
def test_what_stands_is_not_over_whatever_parts_of_it_came_back(status):
    assert came_to_nothing_at(status, [fact()]) is None


def told(placed_at=None) -> PlaceOrder:
    return PlaceOrder(order_id="o-1", placed_at=placed_at)


def test_it_is_placed_anew_by_its_time_by_its_cart_or_where_it_says_neither():
    assert not is_placed_anew(None, told(), names_reopened=True)
    assert is_placed_anew(NOON, told(), names_reopened=False)
    assert is_placed_anew(NOON, told(NOON + SECOND), names_reopened=False)
    assert not is_placed_anew(NOON, told(NOON), names_reopened=False)
    assert is_placed_anew(NOON, told(NOON - SECOND), names_reopened=True)
