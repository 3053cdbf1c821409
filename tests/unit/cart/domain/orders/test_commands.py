"""What a shop may say of an order and of what became of it."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.cart.domain.orders.commands import OrderLine, PlaceOrder, UpdatedLine, UpdateOrder

MOST = 2**53 - 1
"""The largest integer that JavaScript reads exactly."""
OF_CART = {"order_id": "o-1", "cart_id": "01940000-0000-7000-8000-000000000001"}


@pytest.mark.parametrize(
    ("name", "least", "most"), [("cart_version", 1, MOST), ("total", 0, MOST)], ids=["cart_version", "total"]
)
def test_a_number_of_an_order_is_one_that_makes_sense_and_is_read_exactly(name: str, least: int, most: int):
    for number in (least, most):
        assert getattr(PlaceOrder.model_validate_json(json.dumps(OF_CART | {name: number})), name) == number
    for number in (least - 1, most + 1):
        with pytest.raises(ValidationError, match=name):
            PlaceOrder.model_validate_json(json.dumps(OF_CART | {name: number}))


@pytest.mark.parametrize(
    ("name", "least", "most"), [("quantity", 1, 10**6), ("price", 0, 10**12)], ids=["quantity", "price"]
)
def test_a_line_of_an_order_has_up_to_a_million_units_at_what_a_line_of_a_cart_may_cost(name, least, most):
    line = {"sku": "tea", "quantity": 1}
    for number in (least, most):
        assert getattr(OrderLine.model_validate(line | {name: number}), name) == number
    for number in (least - 1, most + 1):
        with pytest.raises(ValidationError, match=name):
            OrderLine.model_validate(line | {name: number})


def test_units_of_an_update_are_from_one_to_a_million_and_its_number_is_read_exactly():
    for quantity in (1, 10**6):
        assert UpdatedLine(sku="tea", quantity=quantity).quantity == quantity
    for quantity in (0, 10**6 + 1):
        with pytest.raises(ValidationError, match="quantity"):
            UpdatedLine(sku="tea", quantity=quantity)
    assert UpdateOrder(type="shipped").sequence == 0
    for sequence in (0, MOST):
        assert UpdateOrder(type="shipped", sequence=sequence).sequence == sequence
    for sequence in (-1, MOST + 1):
        with pytest.raises(ValidationError, match="sequence"):
            UpdateOrder(type="shipped", sequence=sequence)


def test_a_partial_order_names_its_lines_and_a_version_its_cart():
    with pytest.raises(ValidationError, match="a partial order names its lines"):
        PlaceOrder(order_id="o-1", partial=True)
    with pytest.raises(ValidationError, match="does not take the whole cart"):
        PlaceOrder(order_id="o-1", partial=True, whole_cart=True, lines=[OrderLine(sku="tea", quantity=1)])
    with pytest.raises(ValidationError, match="cart_version needs the cart_id"):
        PlaceOrder(order_id="o-1", cart_version=1)


def test_units_of_one_thing_are_summed():
    tea = OrderLine(sku="tea", quantity=2)
    named = OrderLine.model_validate_json(json.dumps({"sku": "tea", "quantity": 3, "line_id": OF_CART["cart_id"]}))
    assert PlaceOrder(order_id="o-1", lines=[tea, named]).units() == {"tea": 5}
    assert PlaceOrder(order_id="o-1", lines=[tea, named]).units_by_sku() == {"tea": 2}
    assert PlaceOrder(order_id="o-1", lines=[named, named]).units_by_line() == {named.line_id: 6}
    assert UpdateOrder(type="shipped", lines=[UpdatedLine(sku="tea", quantity=2)] * 2).units() == {"tea": 4}


def test_times_and_ids_come_as_texts():
    line = {"sku": "tea", "quantity": 1, "line_id": OF_CART["cart_id"]}
    said = OF_CART | {"placed_at": "2026-03-14T15:09:26Z", "lines": [line]}
    order = PlaceOrder.model_validate_json(json.dumps(said))
    assert order.placed_at is not None
    assert str(order.cart_id) == str(order.lines[0].line_id) == OF_CART["cart_id"]
    assert PlaceOrder.model_validate(said) == order, "a record of a feed is read already"
    with pytest.raises(ValidationError, match="placed_at"):
        PlaceOrder.model_validate_json(json.dumps(said | {"placed_at": "2026-03-14T15:09:26"}))


def test_what_a_unit_costs_is_known_where_all_lines_of_it_say_the_same() -> None:
    lines = [("tea", 500), ("tea", 500), ("jam", 300), ("jam", 400), ("cup", None), ("cup", 100), ("hat", 0)]
    order = PlaceOrder.model_validate(
        {"order_id": "o-1", "lines": [{"sku": sku, "quantity": 1, "price": price} for sku, price in lines]}
    )
    assert order.prices() == {"tea": 500, "hat": 0}


PARCEL = "https://parcels.example/42?of=anna"


def test_only_what_was_shipped_is_followed():
    assert UpdateOrder(type="shipped", tracking_url=PARCEL).tracking_url == PARCEL
    assert "tracking_url" not in UpdateOrder(type="shipped").model_dump()
    for kind in ("cancelled", "payment_failed", "returned", "delivered"):
        with pytest.raises(ValidationError, match="only what was shipped is followed"):
            UpdateOrder(type=kind, tracking_url=PARCEL)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "ftp://parcels.example/1",
        "//parcels.example/1",
        "https://anna:pw@parcels.example/1",
        "https://parcels.example@evil.example/1",
        "https://",
        'https://parcels.example/"onload=',
        "parcels.example/1",
        "",
    ],
)
def test_a_link_that_leads_not_to_the_web_or_names_somebody_is_refused(link: str):
    with pytest.raises(ValidationError, match="tracking_url"):
        UpdateOrder(type="shipped", tracking_url=link)


@pytest.mark.parametrize(
    ("said", "reopens"),
    [
        ({"type": "cancelled"}, False),
        ({"type": "cancelled", "reopen": True}, True),
        ({"type": "payment_failed"}, True),
        ({"type": "shipped"}, False),
    ],
)
def test_what_was_not_paid_gives_its_cart_back_and_what_was_cancelled_where_that_is_said(
    said: dict[str, Any], reopens: bool
) -> None:
    assert UpdateOrder.model_validate(said).reopens is reopens
