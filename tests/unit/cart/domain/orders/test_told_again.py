"""An order that is told again, or takes all of its carts: what it finds, awaits, and where it disagrees by then."""

from datetime import timedelta

import pytest

from services.cart.domain.cart import Cart
from services.cart.domain.commands import line_id
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.place import Beside, Placed, place
from tests.unit.cart.carts import NOON, add, cart_of, moment

RECORD = cart_of(add("tea", 2), add("jam"), cart_id=9)
GUEST = cart_of(add("tea", 3), add("milk"), customer_id=None, cart_id=8)
HOUR = timedelta(hours=1)


def told(*carts: Cart, lines: dict[str, int] | None = None, beside: Beside | None = None, **more) -> Placed:
    named = [OrderLine(sku=sku, quantity=units) for sku, units in (lines or {}).items()]
    return place(PlaceOrder(order_id="o-1", lines=named, **more), "shop", carts, moment(3600), None, beside or Beside())


def test_only_what_is_awaited_is_taken_out_of_a_cart_that_comes_later():
    again = told(GUEST, lines={"tea": 3}, beside=Beside(awaited={"tea": 1, "gift": 2}, told_before=True))
    assert again.bought() == {"tea": 1}
    assert again.following[0].cart.holds() == {"tea": 2, "milk": 1}
    assert again.awaited == {"gift": 2}
    assert again.order.told_before


def test_nothing_is_taken_where_nothing_is_awaited_any_more():
    assert told(GUEST, beside=Beside(awaited={})).closed == ()
    assert told(GUEST).closed != ()


def test_an_order_of_the_whole_cart_takes_all_of_it_when_it_is_told_again():
    again = told(GUEST, lines={"part": 1}, beside=Beside(awaited={"part": 1}), whole_cart=True)
    assert again.bought() == {"tea": 3, "milk": 1}


def test_the_first_time_it_is_not_said_that_it_was_told_before():
    assert not told(GUEST).order.told_before


def test_what_an_order_of_the_whole_cart_names_and_did_not_find_is_awaited():
    found = told(GUEST, lines={"tea": 4, "milk": 1, "gift": 1, "card": 2}, whole_cart=True)
    assert found.awaited == {"tea": 1, "gift": 1, "card": 2}


def test_units_of_one_sku_in_several_lines_and_carts_are_bought_together():
    sizes = cart_of(add("tea"), add("tea", 2, options={"size": "xl"}))
    assert told(sizes, GUEST).bought() == {"tea": 6, "milk": 1}


@pytest.mark.parametrize(
    ("took_all", "units", "fields"),
    [(True, 2, []), (True, 1, ["units"]), (True, 3, ["units"]), (False, 1, []), (False, 3, ["units"])],
)
def test_lines_that_are_told_after_all_was_taken_are_all_that_was_there(took_all: bool, units: int, fields: list[str]):
    beside = Beside(awaited={}, records=(RECORD,), took_all=took_all, told_before=True)
    assert [one.field for one in told(lines={"tea": units}, beside=beside).mismatches] == fields


def test_a_total_is_that_of_the_carts_that_were_taken_before_and_now():
    beside = Beside(awaited={"milk": 1}, records=(RECORD,), told_before=True)
    assert told(GUEST, beside=beside, total=2000).mismatches == ()
    [odd] = told(GUEST, beside=beside, total=1999).mismatches
    assert (odd.cart_id, odd.field, odd.cart, odd.order) == (RECORD.cart_id, "total", 2000, 1999)


def test_a_record_in_another_currency_is_told_of():
    beside = Beside(awaited={}, records=(RECORD,), told_before=True)
    assert [(one.cart_id, one.field) for one in told(beside=beside, currency="PLN").mismatches] == [
        (RECORD.cart_id, "currency")
    ]


def test_nobody_is_reminded_of_what_an_order_left_unless_it_came_after_it():
    cart = cart_of(add("tea", 3))
    for placed_at in (None, NOON + HOUR):
        [rest] = told(cart, lines={"tea": 2}, placed_at=placed_at).following
        assert rest.cart.silent_since == moment(3600).now
    [fresh] = told(
        cart_of(add("tea", 2), add("milk")), lines={"tea": 2}, placed_at=NOON - timedelta(minutes=2)
    ).following
    assert (fresh.cart.holds(), fresh.cart.silent_since) == ({"milk": 1}, None)


def test_what_a_line_alone_is_short_of_is_awaited():
    line = OrderLine(sku="tea", quantity=5, line_id=line_id("tea", {}))
    placed = place(PlaceOrder(order_id="o-1", lines=[line]), "shop", [GUEST], moment(3600))
    assert (placed.bought(), placed.awaited) == ({"tea": 3}, {"tea": 2})
