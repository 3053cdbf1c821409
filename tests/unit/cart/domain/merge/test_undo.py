"""A merge that is undone."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.events import CartMerged
from services.cart.domain.cart import Cart, no_cart_yet
from services.cart.domain.commands import AddLine, Command, RemoveLine, RestoreLine, SaveLine, SetQuantity, line_id
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.merge.merge import claim_cart, merge
from services.cart.domain.merge.receipt import Mode
from services.cart.domain.merge.undo import Undoing, Units, contents, give_back, revert_units, undo_merge
from tests.unit.cart.carts import SKUS, add, adds, cart_of, commands, line_ids, moment, quantities
from tests.unit.cart.domain.merge.test_merge import GUEST, MODES, filled, levels, saved_units

TEA, JAM = line_id("tea", {}), line_id("jam", {})


def merged(own: Cart, guest: Cart, mode: Mode = "max", stock: dict[str, int] | None = None) -> tuple[Cart, Undoing]:
    done = merge(own, guest, mode, stock or {}, moment(60))
    return done.own.cart if done.own else own, done.undoing


def then(cart: Cart, *asked: Command) -> Cart:
    for second, command in enumerate(asked):
        try:
            change = decide(cart, command, moment(100 + second))
        except Refusal:
            continue
        cart = change.cart if change else cart
    return cart


def undo(cart: Cart, undoing: Undoing) -> Cart:
    change = undo_merge(cart, undoing, cart_of(**GUEST).cart_id, moment(200))
    return change.cart if change else cart


def plain(cart: Cart) -> Any:
    """What is in a cart, without what a line remembers of its changes."""
    lines = tuple(replace(line, history=(), changed_at=()) for line in cart.lines)
    saved = tuple(replace(line, history=()) for line in cart.saved)
    return lines, saved, dict(cart.attributes), cart.currency


def test_what_was_added_since_stays():
    own, guest = cart_of(add("tea", 2)), cart_of(add("tea", 3), add("jam"), **GUEST)
    cart, undoing = merged(own, guest)
    cart = undo(then(cart, add("tea", 4), add("milk")), undoing)
    assert cart.holds() == {"tea": 6, "milk": 1}


def test_what_was_taken_out_since_stays_out():
    own, guest = cart_of(add("tea", 2)), cart_of(add("tea", 3), add("jam"), **GUEST)
    cart, undoing = merged(own, guest)
    assert undo(then(cart, RemoveLine(TEA)), undoing).holds() == {}


def test_what_was_lowered_since_is_not_raised_again():
    own, guest = cart_of(add("tea", 2)), cart_of(add("tea", 3), **GUEST)
    cart, undoing = merged(own, guest)
    assert undo(then(cart, SetQuantity(TEA, 1)), undoing).holds() == {"tea": 1}


def test_lines_that_were_set_aside_come_back():
    own, guest = cart_of(add("tea", 2)), cart_of(add("tea", 3), add("jam"), **GUEST)
    cart, undoing = merged(own, guest, "save_for_later")
    cart = undo(cart, undoing)
    assert (cart.holds(), cart.saved) == ({"tea": 2}, ())


def test_lines_that_were_set_aside_and_taken_back_do_not_come_twice():
    cart, undoing = merged(cart_of(add("tea", 2)), cart_of(add("jam"), **GUEST), "save_for_later")
    cart = undo(then(cart, RestoreLine(TEA)), undoing)
    assert (cart.holds(), cart.saved) == ({"tea": 2}, ())


def test_what_came_and_was_set_aside_since_goes_as_well():
    cart, undoing = merged(cart_of(add("tea", 2)), cart_of(add("jam", 3), **GUEST))
    cart = undo(then(cart, SaveLine(JAM)), undoing)
    assert (cart.holds(), cart.saved) == ({"tea": 2}, ())


def test_a_cart_that_was_taken_over_whole_leaves_what_was_added_since():
    guest = cart_of(add("tea", 2), **GUEST)
    done = claim_cart(guest, "anna", moment(60))
    assert done.own
    cart = undo(then(done.own.cart, add("milk")), done.undoing)
    assert (cart.holds(), cart.cart_id) == ({"milk": 1}, guest.cart_id)
    assert not done.undoing.shelved


def test_lines_in_another_currency_wait_aside_where_something_was_added_since():
    cart, undoing = merged(cart_of(add("tea", 2)), cart_of(add("jam", currency="PLN"), **GUEST), "save_for_later")
    cart = undo(then(cart, add("milk", currency="PLN")), undoing)
    assert (cart.holds(), cart.currency) == ({"milk": 1}, "PLN")
    assert [(line.sku, line.quantity, line.currency) for line in cart.saved] == [("tea", 2, "EUR")]


@pytest.mark.parametrize("mode", ["guest_wins", "save_for_later"])
def test_a_cart_that_went_into_another_currency_comes_back_in_its_own(mode: Mode):
    own = cart_of(add("tea", 2))
    cart, undoing = merged(own, cart_of(add("jam", currency="PLN"), **GUEST), mode)
    assert cart.currency == "PLN"
    cart = undo(cart, undoing)
    assert (cart.holds(), cart.currency, cart.saved) == ({"tea": 2}, "EUR", ())


def test_a_line_that_was_touched_since_is_as_it_is_now_and_another_as_it_was():
    own, guest = cart_of(add("tea", 2, price=300), add("milk", 1)), cart_of(add("tea", 3), add("milk", 2), **GUEST)
    cart, undoing = merged(own, guest)
    cart = undo(then(cart, add("tea", 1, price=700)), undoing)
    assert [(line.sku, line.quantity, line.price) for line in cart.lines] == [("tea", 3, 700), ("milk", 1, 500)]
    assert cart.lines[1].updated_at == own.lines[1].updated_at


def test_attributes_that_came_go_and_those_set_since_stay():
    guest = replace(cart_of(add("tea"), **GUEST), attributes={"utm": "x", "till": "4"})
    cart, undoing = merged(replace(cart_of(add("jam")), attributes={"utm": "y"}), guest, "guest_wins")
    cart = undo(replace(cart, attributes={**cart.attributes, "channel": "app", "till": "5"}), undoing)
    assert cart.attributes == {"utm": "y", "channel": "app", "till": "5"}


def test_an_undo_of_nothing_is_no_change():
    cart, undoing = merged(cart_of(add("tea", 3)), cart_of(add("tea", 2), **GUEST))
    assert undo_merge(cart, undoing, cart.cart_id, moment(200)) is None


def test_an_undo_is_told_with_what_is_held_after_it():
    cart, undoing = merged(cart_of(add("tea", 1)), cart_of(add("tea", 2), **GUEST))
    change = undo_merge(cart, undoing, cart.cart_id, moment(200))
    assert change
    assert isinstance(change.event, CartMerged)
    assert change.event.holds == {"tea": 1}


@pytest.mark.parametrize(
    ("before", "after", "now", "expected"),
    [
        (Units(2, 0), Units(3, 0), Units(3, 0), Units(2, 0)),
        (Units(2, 0), Units(3, 0), Units(3, 4), Units(2, 4)),
        (Units(0, 0), Units(3, 0), Units(1, 2), Units(0, 0)),
        (Units(2, 0), Units(5, 0), Units(1, 4), Units(0, 2)),
        (Units(0, 1), Units(0, 4), Units(4, 0), Units(1, 0)),
    ],
)
def test_one_line(before: Units, after: Units, now: Units, expected: Units):
    assert revert_units(before, after, now, shelved=False) == expected


def test_what_was_set_aside_and_forgotten_since_does_not_come_back():
    assert revert_units(Units(3, 0), Units(0, 3), Units(0, 0), shelved=True) == Units(0, 0)
    assert revert_units(Units(3, 0), Units(2, 3), Units(2, 0), shelved=True) == Units(0, 0)


def test_what_was_aside_before_and_forgotten_since_takes_nothing_out_of_the_cart_twice():
    assert revert_units(Units(2, 1), Units(0, 3), Units(0, 0), shelved=True) == Units(0, 0)
    assert revert_units(Units(2, 1), Units(0, 3), Units(0, 1), shelved=True) == Units(0, 1)


@pytest.mark.parametrize("units", [1, 3])
def test_what_came_is_set_aside_where_there_is_nobody_to_give_it_back_to(units: int):
    cart, undoing = merged(cart_of(add("tea", 2)), cart_of(add("jam", units), **GUEST))
    change = undo_merge(cart, undoing, cart.cart_id, moment(200), keep=True)
    assert change
    assert change.cart.holds() == {"tea": 2}
    assert [(line.sku, line.quantity, line.currency) for line in change.cart.saved] == [("jam", units, "EUR")]


def test_what_came_and_was_taken_out_since_is_not_set_aside():
    cart, undoing = merged(cart_of(add("tea", 2)), cart_of(add("jam", 3), add("milk"), **GUEST))
    change = undo_merge(then(cart, RemoveLine(JAM)), undoing, cart.cart_id, moment(200), keep=True)
    assert change
    assert [(line.sku, line.quantity) for line in change.cart.saved] == [("milk", 1)]


def test_what_was_aside_before_is_not_set_aside_twice():
    own = then(cart_of(add("tea", 1)), SaveLine(TEA), add("tea", 2))
    cart, undoing = merged(own, cart_of(add("tea", 3), **GUEST), "sum")
    change = undo_merge(cart, undoing, cart.cart_id, moment(200), keep=True)
    assert change
    assert (change.cart.holds(), [line.quantity for line in change.cart.saved]) == ({"tea": 2}, [1 + 3])


def test_what_the_customer_has_taken_out_of_their_own_since_is_not_set_aside_either():
    cart, undoing = merged(cart_of(add("tea", 2)), cart_of(add("jam", 3), **GUEST))
    change = undo_merge(then(cart, RemoveLine(TEA)), undoing, cart.cart_id, moment(200), keep=True)
    assert change
    assert (change.cart.lines, [(line.sku, line.quantity) for line in change.cart.saved]) == ((), [("jam", 3)])


carts = st.lists(adds, max_size=10)


@settings(deadline=None)
@given(carts, carts, st.sampled_from(MODES), levels)
def test_a_merge_and_its_undo_are_as_if_nothing_had_been(ours, theirs, mode, stock):
    own, guest = filled(ours), filled(theirs, **GUEST)
    cart, undoing = merged(own, guest, mode, stock)
    assert plain(undo(cart, undoing)) == plain(own)
    back = give_back(undoing.guest, no_cart_yet("shop", None, moment(200)), cart.cart_id, moment(200)).cart
    assert plain(back) == plain(guest)


later = st.lists(st.one_of(commands, st.builds(SaveLine, line_ids), st.builds(RestoreLine, line_ids)), max_size=12)


@settings(deadline=None)
@given(carts, carts, st.sampled_from(MODES), levels, later)
def test_an_undo_never_fails_and_never_exceeds_a_limit(ours, theirs, mode, stock, asked):
    cart, undoing = merged(filled(ours), filled(theirs, **GUEST), mode, stock)
    cart = undo(then(cart, *asked), undoing)
    assert all(1 <= line.quantity <= 999 for line in (*cart.lines, *cart.saved))
    assert all(line.total == line.price * line.quantity for line in (*cart.lines, *cart.saved))
    assert (cart.currency is None) == (not cart.lines)
    assert len({line.line_id for line in cart.saved}) == len(cart.saved)


small = st.lists(adds.map(lambda a: a.model_copy(update={"price": 100, "quantity": 1 + a.quantity % 9})), max_size=8)
euros = small.map(lambda asked: [a.model_copy(update={"currency": "EUR"}) for a in asked])


@settings(deadline=None)
@given(euros, euros, st.sampled_from(get_args(Mode)), euros)
def test_all_that_was_added_since_is_there_after_an_undo(ours, theirs, mode, asked: list[AddLine]):
    own = filled(ours)
    cart, undoing = merged(own, filled(theirs, **GUEST), mode)
    cart = undo(then(cart, *asked), undoing)
    expected = {**quantities(own)}
    for command in asked:
        expected[command.line_id()] = expected.get(command.line_id(), 0) + command.quantity
    assert quantities(cart) == expected
    assert saved_units(cart) == saved_units(own)


def test_contents_are_what_is_in_the_cart():
    cart = cart_of(add(SKUS[0]))
    assert contents(cart).lines == cart.lines


def test_what_was_set_aside_since_is_not_put_into_the_cart():
    assert revert_units(Units(2, 0), Units(2, 1), Units(2, 3), shelved=True) == Units(2, 2)


def test_where_nobody_gets_it_back_all_that_the_merge_brought_is_set_aside():
    own, guest = cart_of(add("tea", 2)), cart_of(add("tea", 3), add("jam"), **GUEST)
    for mode in get_args(Mode):
        cart, undoing = merged(own, guest, mode)
        held = cart.holds().get("tea", 0) + sum(line.quantity for line in cart.saved if line.sku == "tea")
        change = undo_merge(cart, undoing, guest.cart_id, moment(200), keep=True)
        if change is None:
            continue
        aside = sum(line.quantity for line in change.cart.saved if line.sku == "tea")
        assert (change.cart.holds().get("tea"), aside) == (2, held - 2), mode
