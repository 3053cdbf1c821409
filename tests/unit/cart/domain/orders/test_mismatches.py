"""Where an order does not agree with what it took, all of it is told."""

import pytest

from services.cart.domain.commands import line_id
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.place import place
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
        ([("tea", 2, 500), ("gift", 1, 900)], {"total": 1900}, []),
    ],
)
def test_what_does_not_agree_is_told(lines, more, expected):
    assert told(*(OrderLine(sku=sku, quantity=n, price=price) for sku, n, price in lines), **more) == expected


def test_a_line_is_compared_with_the_line_that_it_names():
    line = OrderLine(sku="tea", quantity=2, price=499, line_id=line_id("tea", {}))
    assert told(line) == [("price", 500, 499, "tea")]
