"""What a body may hold."""

import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from libs.money.currencies import CODES
from services.cart.domain.commands import (
    Acknowledge,
    AddLine,
    Attributes,
    Claim,
    CopyCart,
    LineNote,
    LinePrice,
    MergeCustomer,
    Quantity,
    line_id,
)
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.stock.commands import Levels

LINE = {"sku": "tea", "title": "Tea", "price": 500, "currency": "EUR"}


def test_a_line_needs_little():
    line = AddLine.model_validate_json(json.dumps(LINE))
    assert (line.quantity, line.options, line.image_url) == (1, {}, None)


def test_a_line_may_say_much():
    more = {
        "quantity": 3,
        "options": {"size": "M"},
        "image_url": "https://i.test/a.png",
        "url": "http://s.test/t?a=b#c",
    }
    assert AddLine.model_validate_json(json.dumps(LINE | more)).options == {"size": "M"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": 1000},
        {"quantity": 10**30},
        {"quantity": "1"},
        {"quantity": 1.5},
        {"quantity": True},
        {"quantity": None},
        {"price": -1},
        {"price": 10**12 + 1},
        {"price": "5"},
        {"currency": "eur"},
        {"currency": "XXX"},
        {"currency": "EURO"},
        {"sku": ""},
        {"sku": "x" * 101},
        {"sku": "a\u0000b"},
        {"sku": "a\nb"},
        {"sku": 5},
        {"title": ""},
        {"title": "x" * 301},
        {"options": {"": "M"}},
        {"options": {"size": "x" * 101}},
        {"options": {str(n): "x" for n in range(11)}},
        {"options": {"size": 5}},
        {"options": []},
        {"image_url": "javascript:alert(1)"},
        {"image_url": "data:text/html,x"},
        {"image_url": "//i.test/a.png"},
        {"image_url": "https://"},
        {"image_url": "https:///a.png"},
        {"url": "https://s.test/a b"},
        {"url": "https://s.test/" + "x" * 2048},
        {"url": 'https://s.test/"onload="x'},
        {"line_id": "x"},
        {"total": 5},
    ],
    ids=str,
)
def test_a_line_that_is_not_right_is_refused(wrong):
    with pytest.raises(ValidationError):
        AddLine.model_validate_json(json.dumps(LINE | wrong))


LONGEST: dict[str, Any] = {
    "sku": "x" * 100,
    "title": "x" * 300,
    "url": "https://s.test/" + "x" * (2048 - len("https://s.test/")),
    "options": {"o" * 40: "v" * 100, **{str(n): "v" for n in range(9)}},
    "price": 10**12,
    "quantity": 999,
}


@pytest.mark.parametrize("name", LONGEST)
def test_a_line_may_be_as_long_as_this(name: str):
    line = AddLine.model_validate_json(json.dumps(LINE | {name: LONGEST[name]}))
    assert getattr(line, name) == LONGEST[name]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": "x" * 101},
        {"title": "x" * 301},
        {"url": LONGEST["url"] + "x"},
        {"options": {"o" * 41: "v"}},
        {"options": {"o": "v" * 101}},
        {"options": {str(n): "v" for n in range(11)}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_line_may_be_no_longer(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        AddLine.model_validate_json(json.dumps(LINE | wrong))


def test_a_sku_and_a_title_may_have_one_character():
    line = AddLine.model_validate_json(json.dumps(LINE | {"sku": "x", "title": "y"}))
    assert (line.sku, line.title) == ("x", "y")


@pytest.mark.parametrize("price", [0, 1])
def test_a_line_may_cost_nothing_and_be_of_one_unit(price: int):
    line = AddLine.model_validate_json(json.dumps(LINE | {"price": price, "quantity": 1}))
    assert (line.price, line.quantity) == (price, 1)


@pytest.mark.parametrize(
    ("kind", "name", "shortest", "longest"),
    [
        (LineNote, "note", "x", "x" * 500),
        (CopyCart, "share_token", "x", "x" * 200),
        (Claim, "cart_token", "x", "x" * 200),
        (MergeCustomer, "into", "x", "x" * 200),
        (Attributes, "attributes", {"a": "v" * 500}, {f"{n:0100}": "v" for n in range(20)}),
        (Acknowledge, "notice_ids", [str(UUID(int=1))], [str(UUID(int=1))] * 500),
    ],
)
def test_a_body_is_neither_empty_nor_endless(kind: type[BaseModel], name: str, shortest: Any, longest: Any):
    for text in (shortest, longest):
        assert kind.model_validate_json(json.dumps({name: text}))
    longer = longest + "x" if isinstance(longest, str) else {**longest, "b": "v"} if "a" in shortest else longest * 2
    for text in (type(shortest)(), longer):
        with pytest.raises(ValidationError, match=name):
            kind.model_validate_json(json.dumps({name: text}))


def test_an_attribute_has_a_name_of_100_characters_and_a_value_of_500_at_most():
    with pytest.raises(ValidationError, match="attributes"):
        Attributes.model_validate_json(json.dumps({"attributes": {"a": "v" * 501}}))
    for name in ("", "a" * 101):
        with pytest.raises(ValidationError, match="attributes"):
            Attributes.model_validate_json(json.dumps({"attributes": {name: "v"}}))


def test_the_longest_list_of_notices_has_500():
    with pytest.raises(ValidationError, match="notice_ids"):
        Acknowledge.model_validate_json(json.dumps({"notice_ids": [str(UUID(int=1))] * 501}))


def test_notices_are_named_by_texts_also_where_the_body_is_read_already():
    assert Acknowledge.model_validate({"notice_ids": [str(UUID(int=1))]}).notice_ids == [UUID(int=1)]


def test_a_log_in_of_an_older_page_is_compared_by_what_it_sent():
    assert Claim(cart_token="g1_x").model_dump() == {"cart_token": "g1_x"}
    assert Claim(cart_token="g1_x", mode="sum").model_dump() == {"cart_token": "g1_x", "mode": "sum"}


def test_a_quantity_of_a_line_may_be_0_and_999():
    for quantity in (0, 999):
        assert Quantity.model_validate_json(json.dumps({"quantity": quantity})).quantity == quantity


def test_the_line_of_a_sku_and_its_options_is_the_same_in_every_release():
    assert str(line_id("чай", {})) == "852506ba-6f2b-58b4-983d-8a943e6cc92b"
    assert str(line_id("tea", {"size": "M"})) == "f55ee5e3-16e7-5286-b174-d49343c734b8"


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"sku": "\\ud800"}', "NaN", b"\xff\xfe"])
def test_what_is_no_object_is_refused(body):
    with pytest.raises(ValidationError):
        AddLine.model_validate_json(body)


def test_a_body_nested_without_end_is_refused():
    with pytest.raises(ValidationError):
        AddLine.model_validate_json('{"options":' + "[" * 100_000)


@pytest.mark.parametrize("quantity", [-1, 1000, "3", 1.0, None])
def test_a_quantity_is_a_whole_number_from_0_to_999(quantity):
    with pytest.raises(ValidationError):
        Quantity.model_validate_json(json.dumps({"quantity": quantity}))


def test_an_order_needs_an_id_alone():
    assert PlaceOrder.model_validate_json('{"order_id": "o-1"}').lines == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_id": ""},
        {"cart_id": "7"},
        {"total": -1},
        {"lines": [{"sku": "a"}]},
        {"lines": [{}] * 501},
        {"note": "x"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_order_that_is_not_right_is_refused(wrong):
    with pytest.raises(ValidationError):
        PlaceOrder.model_validate_json(json.dumps({"order_id": "o-1"} | wrong))


def test_ten_thousand_levels_come_at_once_and_no_more():
    levels = [{"sku": f"sku-{n}", "available": n} for n in range(10_001)]
    assert Levels.model_validate_json(json.dumps({"levels": levels[:10_000]}))
    with pytest.raises(ValidationError):
        Levels.model_validate_json(json.dumps({"levels": levels}))


def test_the_currencies_that_the_shipped_languages_need_are_known():
    assert {"EUR", "PLN", "RUB", "RSD", "USD", "JPY", "KWD"} <= CODES
    assert all(len(code) == 3 for code in CODES)


def test_the_price_of_a_line_is_nought_or_more_or_let_go():
    assert [LinePrice(price=price, currency="EUR").price for price in (0, None)] == [0, None]
    with pytest.raises(ValidationError):
        LinePrice(price=-1, currency="EUR")
