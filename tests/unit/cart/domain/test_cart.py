"""What may be done to a cart."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.events import CartCleared, LineAdded, LineQuantitySet, LineRemoved
from libs.contracts.events.lines import CartLine
from services.cart.domain.cart import Cart, no_cart_yet, order_cart
from services.cart.domain.commands import Clear, RemoveLine, SaveLine, SetQuantity, line_id
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_LINES, MAX_QUANTITY, MAX_TOTAL
from tests.unit.cart.carts import NOON, add, cart_of, commands, moment, quantities


def test_a_first_add_makes_version_one():
    change = decide(no_cart_yet("shop", None, moment()), add("tea", 2, price=350), moment(1, "phone"))
    assert change
    line = change.cart.lines[0]
    assert (change.cart.version, change.cart.units, change.cart.total, change.cart.currency) == (1, 2, 700, "EUR")
    assert (line.sku, line.quantity, line.total, line.device) == ("tea", 2, 700, "phone")
    assert isinstance(change.event, LineAdded)
    assert (change.event.cart_version, change.event.added, change.event.quantity) == (1, 2, 2)
    assert change.event.holds == {"tea": 2}
    assert change.event.device == "phone"


def test_a_cart_that_nobody_has_stored_has_no_version_and_no_revoked_links():
    cart = no_cart_yet("shop", None, moment())
    assert (cart.version, cart.recovery_epoch, cart.status, cart.currency, cart.total) == (0, 0, "active", None, 0)


def test_adding_again_counts_up_and_shows_the_newest_price():
    cart = cart_of(add("tea", 2, price=350), add("tea", 1, price=400))
    assert [(line.quantity, line.price, line.total) for line in cart.lines] == [(3, 400, 1200)]


def test_the_device_and_time_of_the_first_add_stay():
    first = decide(no_cart_yet("shop", None, moment()), add(), moment(1, "phone"))
    assert first
    again = decide(first.cart, add(), moment(2, "laptop"))
    assert again
    assert again.cart.lines[0].device == "phone"
    assert again.cart.lines[0].added_at == NOON + timedelta(seconds=1)
    assert again.cart.lines[0].updated_at == NOON + timedelta(seconds=2)


def test_the_same_product_from_two_pages_is_one_line():
    cart = cart_of(add("tea", url="https://shop.test/tea"), add("tea", url="https://shop.test/sale/tea"))
    assert [line.quantity for line in cart.lines] == [2]


def test_options_make_two_lines_of_one_sku_and_one_number_of_units():
    cart = cart_of(add("shirt", 1, options={"size": "M"}), add("shirt", 2, options={"size": "L"}))
    assert len(cart.lines) == 2
    assert cart.holds() == {"shirt": 3}


def test_the_order_of_options_makes_no_line():
    assert line_id("a", {"x": "1", "y": "2"}) == line_id("a", {"y": "2", "x": "1"})
    assert line_id("a", {"x": "1"}) != line_id("a", {"x": "2"}) != line_id("a", {})


def test_a_cart_has_one_currency():
    with pytest.raises(Refusal) as refused:
        decide(cart_of(add(currency="EUR")), add("milk", currency="PLN"), moment())
    assert refused.value.slug == "currency-mismatch"
    assert refused.value.members == {"currency": "EUR"}


def test_an_emptied_cart_takes_any_currency():
    cart = cart_of(add(currency="EUR"), Clear(), add("milk", currency="PLN"))
    assert cart.currency == "PLN"


def test_a_line_holds_999_units_and_no_more():
    cart = cart_of(add(quantity=MAX_QUANTITY))
    with pytest.raises(Refusal, match="999"):
        decide(cart, add(quantity=1), moment())


def test_a_cart_holds_500_lines_and_no_more():
    cart = cart_of(*(add(f"sku-{n}") for n in range(MAX_LINES)))
    with pytest.raises(Refusal, match="500"):
        decide(cart, add("one more"), moment())
    assert decide(cart, add("sku-0"), moment())


def test_a_total_beyond_exact_numbers_is_refused():
    cart = cart_of(*(add(f"sku-{n}", MAX_QUANTITY, price=10**12) for n in range(9)))
    with pytest.raises(Refusal) as refused:
        decide(cart, add("one more", MAX_QUANTITY, price=10**12), moment())
    assert refused.value.slug == "limit-reached"


def test_setting_a_quantity_is_absolute():
    cart = cart_of(add("tea", 5))
    change = decide(cart, SetQuantity(line_id("tea", {}), 2), moment())
    assert change
    assert isinstance(change.event, LineQuantitySet)
    assert (change.event.previous, change.event.quantity, change.event.holds) == (5, 2, {"tea": 2})


def test_setting_to_nought_takes_the_line_out():
    change = decide(cart_of(add("tea", 5)), SetQuantity(line_id("tea", {}), 0), moment())
    assert change
    assert isinstance(change.event, LineRemoved)
    assert (change.cart.lines, change.cart.currency, change.event.holds) == ((), None, {})


def test_setting_what_is_not_there_is_refused():
    with pytest.raises(Refusal) as refused:
        decide(cart_of(), SetQuantity(line_id("tea", {}), 2), moment())
    assert refused.value.slug == "unknown-line"


@pytest.mark.parametrize(
    ("cart", "command"),
    [
        (cart_of(), Clear()),
        (cart_of(add("tea")), RemoveLine(line_id("milk", {}))),
        (cart_of(add("tea", 3)), SetQuantity(line_id("tea", {}), 3)),
    ],
    ids=["clearing an empty cart", "removing what is not there", "setting what is so"],
)
def test_what_changes_nothing_starts_nothing(cart, command):
    assert decide(cart, command, moment()) is None


def test_clearing_names_what_was_there():
    change = decide(cart_of(add("tea"), add("milk")), Clear(), moment())
    assert change
    assert isinstance(change.event, CartCleared)
    assert change.event.skus == ("tea", "milk")
    assert change.event.holds == {}


def test_an_ordered_cart_keeps_its_lines_and_holds_nothing():
    change = order_cart(cart_of(add("tea", 2)), "o-1", moment(9))
    assert (change.cart.status, change.cart.units, change.cart.version) == ("ordered", 2, 2)
    assert (change.event.holds, change.event.units, change.event.total) == ({}, 0, 0)


def test_others_are_told_the_lines_of_an_open_cart_and_which_are_set_aside_but_none_of_a_closed_one():
    change = decide(cart_of(add("tea", 2), add("jam", 3, price=90)), SaveLine(line_id("jam", {})), moment(9))
    assert change
    assert change.event.lines == (CartLine("tea", 2, 500), CartLine("jam", 3, 90, saved=True, currency="EUR"))
    assert order_cart(change.cart, "o-1", moment(10)).event.lines is None


def test_time_does_not_run_backwards_in_a_cart():
    cart = cart_of(add("tea"))
    change = decide(cart, add("milk"), moment(-60))
    assert change
    assert change.event.occurred_at == cart.updated_at


@settings(deadline=None)
@given(st.lists(commands, max_size=40))
def test_whatever_is_asked_for_a_cart_stays_whole(asked):
    cart = no_cart_yet("shop", "anna", moment())
    held: dict[str, int] = {}
    for second, command in enumerate(asked):
        try:
            change = decide(cart, command, moment(second))
        except Refusal:
            continue
        if change is None:
            continue
        assert change.cart.version == cart.version + 1
        held = fold(held, change.event)
        assert held == change.event.holds == change.cart.holds()
        cart = change.cart
        is_whole(cart)


def is_whole(cart: Cart) -> None:
    assert len(cart.lines) == len(quantities(cart)) <= MAX_LINES
    assert all(1 <= line.quantity <= MAX_QUANTITY for line in cart.lines)
    assert all(line.total == line.price * line.quantity for line in cart.lines)
    assert cart.total <= MAX_TOTAL
    assert (cart.currency is None) == (not cart.lines)


def fold(held: dict[str, int], event) -> dict[str, int]:
    """What a reader who only sums up differences believes to be in the cart."""
    after = dict(held)
    match event:
        case LineAdded():
            after[event.sku] = after.get(event.sku, 0) + event.added
        case LineQuantitySet():
            after[event.sku] += event.quantity - event.previous
        case LineRemoved():
            after[event.sku] -= event.previous
        case CartCleared():
            after = {}
    return {sku: units for sku, units in after.items() if units}
