"""What a form asks of a cart: one action, of the state that was seen."""

from typing import Any
from uuid import UUID

import pytest

from services.cart.domain.cart_json import etag
from services.cart.domain.line_actions import LineActions
from services.console.domain.cart_edits import ADD, EditFault, edit_of, fault_of, open_cart, version_of

CART_ID, LINE_ID = "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10", "6f1b2a52-51b5-5e8d-9c0a-3f4f5a0b1c2d"
SEEN = {"version": "7-0b6e2f4f5a10"}
TEA: dict[str, Any] = {"line_id": LINE_ID, "sku": "tea", "title": "Tea", "price": 450, "options": {"size": "L"}}


def cart(*lines: dict[str, Any], status: str = "active", currency: str = "EUR", **more: Any) -> dict[str, Any]:
    return {"id": CART_ID, "status": status, "version": 7, "currency": currency, "lines": lines, **more}


def fault(form: dict[str, str], *carts: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(EditFault) as raised:
        edit_of(form, carts, "EUR")
    return raised.value.key, raised.value.form


def test_the_version_is_the_cart_s_own_entity_tag():
    assert f'"{version_of(cart())}"' == etag(UUID(CART_ID), 7)
    assert f'"{version_of(None)}"' == etag(None, 0)


def test_the_open_cart_is_the_active_one():
    assert open_cart([cart(status="ordered"), cart()]) == cart()
    assert open_cart([cart(status="expired")]) is None


def test_each_action_is_one_that_the_cart_takes():
    add = edit_of(SEEN | {"sku": "tea", "quantity": "2"}, [cart(TEA | {"url": None})], "EUR")
    change = edit_of(SEEN | {"line": LINE_ID.upper(), "quantity": "0"}, [cart(TEA)], "EUR")
    out = edit_of(SEEN | {"line": LINE_ID, "do": "remove"}, [cart(TEA)], "EUR")
    assert [one.action["action"] for one in (add, change, out)] == ["add", "set", "remove"]
    LineActions.model_validate({"actions": [one.action for one in (add, change, out)]})
    assert {one.etag for one in (add, change, out)} == {etag(UUID(CART_ID), 7)}
    assert [one.form for one in (add, change, out)] == [ADD, LINE_ID, LINE_ID]
    assert [one.said for one in (add, change, out)] == ["add tea x2", "set tea x0", "remove tea"]
    assert add.action["options"] == {"size": "L"}
    assert "url" not in add.action


def test_what_is_typed_goes_before_what_is_known_and_the_newest_before_older():
    older, newer = cart(TEA | {"price": 400, "title": "Old"}, status="ordered"), cart(TEA, status="expired")
    form = {"version": "0", "sku": "tea", "quantity": "1"}
    known = edit_of(form, [newer, older], "EUR").action
    assert (known["title"], known["price"], known["currency"]) == ("Tea", 450, "EUR")
    typed = edit_of(form | {"title": "Best tea", "price": "5.5"}, [newer, older], "EUR").action
    assert (typed["title"], typed["price"]) == ("Best tea", 550)


@pytest.mark.parametrize(
    ("field", "fits", "too_much"),
    [
        ("sku", "s" * 100, "s" * 101),
        ("title", "t" * 300, "t" * 301),
        ("price", "10000000000", "10000000000.01"),
        ("quantity", "999", "1000"),
        ("quantity", "1", "0"),
    ],
)
def test_what_is_typed_has_limits(field: str, fits: str, too_much: str):
    form = {"version": "0", "sku": "tea", "quantity": "1", "title": "Tea", "price": "1"}
    assert edit_of(form | {field: fits}, [], "EUR").form == ADD
    assert fault(form | {field: too_much}) == (field, ADD)


def test_how_many_there_may_be_is_told():
    with pytest.raises(EditFault) as raised:
        edit_of({"version": "0", "sku": "tea", "quantity": "x"}, [], "EUR")
    assert raised.value.facts == {"least": 1, "most": 999}


def test_a_price_in_another_currency_is_none_and_a_line_set_aside_is_known():
    form = {"version": "0", "sku": "tea", "quantity": "1"}
    dear = cart(TEA, status="ordered", currency="PLN")
    assert fault(form, dear) == ("unknown", ADD)
    assert edit_of(form | {"price": "4"}, [dear], "EUR").action["title"] == "Tea"
    aside = cart(saved=[TEA | {"currency": "EUR"}])
    assert edit_of(form, [aside], "EUR").action["price"] == 450


def test_which_of_several_kinds_is_meant_is_asked():
    form = SEEN | {"sku": "tea", "quantity": "1"}
    kinds = cart(TEA, TEA | {"options": {"size": "S"}, "price": 300})
    assert fault(form, kinds) == ("kinds", ADD)
    small = edit_of(form | {"options": "size: S"}, [kinds], "EUR").action
    assert (small["options"], small["price"]) == ({"size": "S"}, 300)


def test_options_are_typed_a_line_each_and_may_be_of_a_kind_that_nobody_had():
    form = SEEN | {"sku": "tea", "quantity": "1", "options": "\r\n size = M\r\ntime: 10:30 \r\n"}
    assert fault(form, cart(TEA)) == ("unknown", ADD), "what another kind costs says nothing of this one"
    add = edit_of(form | {"title": "Tea", "price": "4"}, [cart(TEA)], "EUR").action
    assert add["options"] == {"size": "M", "time": "10:30"}
    LineActions.model_validate({"actions": [add]})


def test_an_item_is_known_by_the_one_spelling_of_its_sku_and_options():
    """Some systems take letters with dots apart: what is pasted from there is the same item."""
    held = cart(TEA | {"sku": "tee-grün", "options": {"Größe": "L"}})
    typed = {"sku": "tee-gru\u0308n", "quantity": "1", "options": "Gro\u0308ße: L"}
    assert edit_of(SEEN | typed, [held], "EUR").action["title"] == "Tea"


@pytest.mark.parametrize(
    ("fits", "too_much"),
    [
        ("\n".join(f"o{n}: x" for n in range(10)), "\n".join(f"o{n}: x" for n in range(11))),
        (f"{'n' * 40}: x", f"{'n' * 41}: x"),
        (f"n: {'v' * 100}", f"n: {'v' * 101}"),
        ("size: L", "size L"),
        ("size: L", "size:"),
        ("size: L", ": L"),
        ("size: L", "size: L\nsize: M"),
        ("size: L", "size: \x07"),
        ("size: 340\u00a0g", "size: 340\x7fg"),
    ],
)
def test_options_that_the_cart_would_not_take_are_told_at_the_form(fits: str, too_much: str):
    form = SEEN | {"sku": "mug", "quantity": "1", "title": "Mug", "price": "1"}
    LineActions.model_validate({"actions": [edit_of(form | {"options": fits}, [], "EUR").action]})
    assert fault(form | {"options": too_much}) == ("options", ADD)


@pytest.mark.parametrize(
    ("price", "currency", "minor"),
    [("4.50", "EUR", 450), ("4,5", "EUR", 450), ("0", "EUR", 0), ("450", "JPY", 450), ("1.234", "KWD", 1234)],
)
def test_a_price_is_typed_in_whole_units(price: str, currency: str, minor: int):
    form = {"version": "0", "sku": "mug", "quantity": "1", "title": "Mug", "price": price}
    assert edit_of(form, [], currency).action["price"] == minor


@pytest.mark.parametrize("price", ["4.505", "-1", "x", "NaN", "Infinity", "1e99", "1.2.3"])
def test_what_is_no_price_is_a_fault(price: str):
    form = {"version": "0", "sku": "mug", "quantity": "1", "title": "Mug", "price": price}
    assert fault(form) == ("price", ADD)


@pytest.mark.parametrize(
    "version", ["", "7", '"7-0b6e2f4f5a10"', "*", "0-0b6e2f4f5a10", "7-0B6E2F4F5A10", "7-0b6e2f4f5a10\n"]
)
def test_a_version_that_the_page_did_not_give_is_an_old_one(version: str):
    assert fault({"version": version, "sku": "tea", "quantity": "1"}, cart(TEA)) == ("stale", "")


@pytest.mark.parametrize("quantity", ["", "1.5", "1000", "²", "-1", "1 0"])
def test_a_quantity_is_a_whole_number(quantity: str):
    assert fault(SEEN | {"sku": "tea", "quantity": quantity}, cart(TEA)) == ("quantity", ADD)


@pytest.mark.parametrize("form", [{"sku": "x" * 101}, {"sku": "a\nb"}, {"sku": " "}])
def test_a_sku_is_one_line(form: dict[str, str]):
    assert fault(SEEN | form | {"quantity": "1"}) == ("sku", ADD)


def test_a_title_is_one_line():
    assert fault(SEEN | {"sku": "mug", "quantity": "1", "title": "a\nb"}) == ("title", ADD)


def test_what_the_cart_refuses_stands_where_it_belongs():
    silent = fault_of(0, {}, ADD, silent=True)
    pending = fault_of(409, {"type": "urn:x:request-in-flight"}, ADD, silent=False)
    assert (pending.key, pending.form) == (silent.key, silent.form)
    scope = fault_of(403, {}, ADD, silent=False)
    full = fault_of(409, {"type": "urn:x:limit-reached", "which": "lines", "limit": 3}, ADD, silent=False)
    other = fault_of(422, {"type": "urn:x:invalid-request", "detail": "No."}, LINE_ID, silent=False)
    assert [(one.key, one.form) for one in (silent, scope, full, other)] == [
        ("silent", ""), ("no_scope", ""), ("limit_lines", ADD), ("refused", LINE_ID),
    ]  # fmt: skip
    assert (full.facts, other.facts) == ({"n": 3}, {"detail": "No."})
