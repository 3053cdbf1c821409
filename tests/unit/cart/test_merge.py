"""Log-in with a guest's cart."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.events import CartClaimed, CartMerged, CartMergedAway
from services.cart.cart import Cart
from services.cart.commands import Clear, line_id
from services.cart.decisions import decide
from services.cart.limits import MAX_LINES, MAX_QUANTITY, MAX_TOTAL
from services.cart.merge import claimed, merge_max
from services.cart.refusals import Refusal
from tests.unit.cart.carts import add, adds, cart_of, moment, quantities

GUEST: dict[str, Any] = {"customer_id": None, "cart_id": 8}


def test_a_guest_cart_becomes_the_customers_with_its_id():
    guest = cart_of(add("tea"), **GUEST)
    change = claimed(guest, "anna", moment(60))
    assert (change.cart.cart_id, change.cart.customer_id, change.cart.version) == (guest.cart_id, "anna", 2)
    assert isinstance(change.event, CartClaimed)
    assert change.event.customer_id == "anna"
    assert change.event.holds == {"tea": 1}


def test_links_that_a_guest_passed_on_end_with_the_claim():
    guest = cart_of(add("tea"), **GUEST)
    assert claimed(guest, "anna", moment()).cart.recovery_epoch == guest.recovery_epoch + 1


def test_each_line_keeps_the_larger_quantity():
    own, guest = cart_of(add("tea", 1), add("milk", 4)), cart_of(add("tea", 3), add("milk", 2), add("jam"), **GUEST)
    merge = merge_max(own, guest, moment(60))
    assert merge.own
    assert merge.own.cart.holds() == {"tea": 3, "milk": 4, "jam": 1}
    assert [(line.sku, line.fate, line.quantity, line.guest_quantity) for line in merge.lines] == [
        ("tea", "raised", 3, 3),
        ("milk", "kept", 4, 2),
        ("jam", "added", 1, 1),
    ]


def test_both_carts_tell_of_the_merge():
    own, guest = cart_of(add("tea")), cart_of(add("jam"), **GUEST)
    merge = merge_max(own, guest, moment(60))
    assert merge.own
    assert isinstance(merge.own.event, CartMerged)
    assert merge.own.event.from_cart_id == guest.cart_id
    assert isinstance(merge.guest.event, CartMergedAway)
    assert merge.guest.event.into_cart_id == own.cart_id
    assert merge.guest.event.holds == {}
    assert merge.guest.cart.status == "merged"


def test_a_merge_that_adds_nothing_leaves_the_customers_cart_alone():
    merge = merge_max(cart_of(add("tea", 3)), cart_of(add("tea", 2), **GUEST), moment())
    assert merge.own is None
    assert merge.guest.cart.status == "merged"


def test_an_account_cart_without_lines_does_not_hide_the_guests_full_one():
    merge = merge_max(cart_of(add("tea"), Clear()), cart_of(add("jam", 2, currency="PLN"), **GUEST), moment())
    assert merge.own
    assert merge.own.cart.holds() == {"jam": 2}
    assert merge.own.cart.currency == "PLN"


def test_the_price_seen_last_is_the_price_of_a_raised_line():
    own = cart_of(add("milk"), add("tea", 1, price=500))
    guest = cart_of(add("tea", 2, price=400), **GUEST)
    merge = merge_max(own, guest, moment(60))
    assert merge.own
    assert [(line.price, line.total) for line in merge.own.cart.lines if line.sku == "tea"] == [(500, 1000)]


def test_lines_in_another_currency_are_told_and_not_added():
    merge = merge_max(cart_of(add("tea")), cart_of(add("jam", currency="PLN"), **GUEST), moment())
    assert merge.own is None
    assert [(line.fate, line.reason, line.quantity) for line in merge.lines] == [("not_added", "currency", 0)]
    assert merge.guest.cart.units == 1


def test_lines_beyond_the_limit_are_told_and_not_added():
    own = cart_of(*(add(f"sku-{n}") for n in range(MAX_LINES)))
    merge = merge_max(own, cart_of(add("sku-0", 5), add("jam"), **GUEST), moment())
    assert merge.own
    assert len(merge.own.cart.lines) == MAX_LINES
    assert [(line.sku, line.fate, line.reason) for line in merge.lines] == [
        ("sku-0", "raised", None),
        ("jam", "not_added", "limit"),
    ]


def filled(asked, **whose) -> Cart:
    cart = cart_of(**whose)
    for second, command in enumerate(asked):
        try:
            change = decide(cart, command, moment(second))
        except Refusal:
            continue
        cart = change.cart if change else cart
    return cart


@settings(deadline=None)
@given(st.lists(adds, max_size=12), st.lists(adds, max_size=12))
def test_a_merge_never_fails_and_never_exceeds_a_limit(ours, theirs):
    own, guest = filled(ours), filled(theirs, **GUEST)
    merge = merge_max(own, guest, moment(60))
    after = merge.own.cart if merge.own else own
    assert len(merge.lines) == len(guest.lines)
    assert all(1 <= line.quantity <= MAX_QUANTITY for line in after.lines)
    assert after.total <= MAX_TOTAL
    assert {line.line_id for line in own.lines} <= {line.line_id for line in after.lines}
    for told in merge.lines:
        assert quantities(after).get(told.line_id, 0) == told.quantity


cheap = st.lists(adds.map(lambda line: line.model_copy(update={"price": 100, "currency": "EUR"})), max_size=12)


@settings(deadline=None)
@given(cheap, cheap)
def test_it_does_not_matter_on_which_side_the_larger_quantity_was(ours, theirs):
    one = merge_max(a := filled(ours), filled(theirs, **GUEST), moment(60))
    other = merge_max(b := filled(theirs), filled(ours, **GUEST), moment(60))
    assert quantities(one.own.cart if one.own else a) == quantities(other.own.cart if other.own else b)


def test_lines_are_the_same_line_whosever_cart_they_stand_in():
    merge = merge_max(cart_of(add("tea")), cart_of(add("tea", 2), **GUEST), moment())
    assert merge.own
    assert quantities(merge.own.cart) == {line_id("tea", {}): 2}
