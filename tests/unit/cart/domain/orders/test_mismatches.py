"""Where an order does not agree with what it took, all of it is told."""

from uuid import UUID

import pytest

from services.cart.domain.cart import Cart
from services.cart.domain.commands import line_id
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.mismatches import Mismatch, Taken
from services.cart.domain.orders.place import Beside, place
from tests.unit.cart.carts import add, cart_of, moment

CART = cart_of(add("tea", 2, 500), add("milk", 1, 300))


def told(*lines: OrderLine, **more) -> list[tuple[object, ...]]:
    order = PlaceOrder(order_id="o-1", cart_id=CART.cart_id, lines=list(lines), **more)
    placed = place(order, "shop", [CART], moment(3600))
    assert [(one.field, one.sku) for one in placed.order.mismatches or ()] == [
        (one.field, one.sku) for one in placed.mismatches
    ]
    return [(one.field, one.cart, one.order, one.sku) for one in placed.mismatches]


@pytest.mark.parametrize(
    ("lines", "more", "expected"),
    [
        ([], {"total": 1300, "currency": "EUR"}, []),
        ([], {"total": 1200}, [("total", 1300, 1200, None)]),
        ([], {"total": 1200, "currency": "PLN"}, [("currency", "EUR", "PLN", None)]),
        ([("tea", 2, 500)], {"total": 1000}, []),
        ([("tea", 2, 450)], {"total": 900}, [("price", 500, 450, "tea"), ("total", 1000, 900, None)]),
        ([("tea", 3, 500)], {"total": 1500}, [("units", 2, 3, "tea")]),
        ([("tea", 1, None)], {}, []),
        ([("tea", 1, None)], {"cart_version": 2}, [("units", 2, 1, "tea")]),
        ([("tea", 1, None)], {"cart_version": 2, "partial": True}, []),
        ([("gift", 1, 900)], {"total": 900}, []),
        ([("gift", 2, 900)], {"total": 1800}, []),
        ([("tea", 2, 450)], {"total": 900, "currency": "PLN"}, [("currency", "EUR", "PLN", None)]),
        ([("tea", 5, 1)], {"whole_cart": True}, []),
        ([("tea", 2, 500), ("gift", 1, 900)], {"total": 1900}, []),
    ],
)
def test_what_does_not_agree_is_told(lines, more, expected):
    assert told(*(OrderLine(sku=sku, quantity=n, price=price) for sku, n, price in lines), **more) == expected


def test_a_line_is_compared_with_the_line_that_it_names():
    line = OrderLine(sku="tea", quantity=2, price=499, line_id=line_id("tea", {}))
    assert told(line) == [("price", 500, 499, "tea")]


TEA = OrderLine(sku="tea", quantity=1, price=450)
SECOND = cart_of(add("tea", 1, 500), customer_id=None, cart_id=8)
ZLOTY = cart_of(add("tea", 1, 1900, "PLN"), customer_id=None, cart_id=9)
SIZES = cart_of(add("tea", 1, 500), add("tea", 1, 700, options={"size": "xl"}))


def of(*carts: Cart, beside: Beside | None = None, **order) -> list[Mismatch]:
    return list(
        place(PlaceOrder(order_id="o-1", **order), "shop", carts, moment(3600), None, beside or Beside()).mismatches
    )


def test_a_cart_that_stays_open_may_be_in_any_currency():
    jam = cart_of(add("jam", 1, 300, "PLN"), customer_id=None, cart_id=9)
    assert of(CART, jam, lines=[OrderLine(sku="jam", quantity=1, price=300)], currency="PLN") == []


def test_a_cart_in_another_currency_hides_no_price_of_the_next():
    lines = [OrderLine(sku="tea", quantity=3, price=1800)]
    told = of(CART, ZLOTY, lines=lines, currency="PLN")
    assert [(one.cart_id, one.field, one.cart) for one in told] == [
        (CART.cart_id, "currency", "EUR"),
        (ZLOTY.cart_id, "price", 1900),
    ]


def test_nobody_can_say_at_which_of_two_prices_a_sku_was_shown_but_of_a_line_one_can():
    assert of(SIZES, lines=[TEA]) == []
    [told] = of(SIZES, lines=[TEA.model_copy(update={"line_id": line_id("tea", {"size": "xl"})})])
    assert (told.field, told.cart, told.order) == ("price", 700, 450)


def test_carts_in_two_currencies_come_to_no_total():
    assert of(CART, ZLOTY, total=1) == []
    assert [one.field for one in of(CART, SECOND, total=1)] == ["total"]


def test_a_total_is_told_of_the_cart_that_the_order_names_where_it_took_that():
    for named, told_of in ((SECOND.cart_id, SECOND), (CART.cart_id, CART), (UUID(int=99), CART), (None, CART)):
        [told] = of(CART, SECOND, cart_id=named, total=1)
        assert (told.cart_id, told.cart) == (told_of.cart_id, 1800)


def test_units_are_counted_over_all_lines_of_a_sku():
    [told] = of(SIZES, lines=[OrderLine(sku="tea", quantity=3)])
    assert (told.field, told.cart, told.order) == ("units", 2, 3)


def test_an_order_that_took_all_names_no_fewer_units_than_all_of_its_carts_held():
    whole = Taken((), (), records=(CART, cart_of(add("jam"), cart_id=8)), whole=True)
    assert (whole.whole_units("tea"), whole.whole_units("jam"), whole.whole_units("gift")) == (2, 1, 0)
    assert Taken((), (), records=(CART,)).whole_units("tea") == 0
