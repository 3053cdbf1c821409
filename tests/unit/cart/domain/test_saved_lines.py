"""What is saved for later, notes and attributes."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartDetailsSet, LineAdded, LineRemoved
from services.cart.domain.cart import Cart, Change, no_cart_yet
from services.cart.domain.commands import (
    Command,
    DiscardSaved,
    RestoreLine,
    SaveLine,
    SetAttributes,
    SetNote,
    line_id,
)
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_LINES, MAX_QUANTITY
from tests.unit.cart.carts import add, adds, cart_of, line_ids, moment

TEA = line_id("tea", {})


def changed(cart: Cart, command: Command) -> Change:
    change = decide(cart, command, moment(60, "phone"))
    assert change is not None
    return change


def refusal(cart: Cart, command: Command) -> Refusal:
    with pytest.raises(Refusal) as found:
        decide(cart, command, moment())
    return found.value


def refused(cart: Cart, command: Command) -> str:
    return refusal(cart, command).slug


def test_a_saved_line_counts_in_no_total_and_is_held_by_nobody():
    change = changed(cart_of(add("tea", 2), add("milk")), SaveLine(TEA))
    assert (change.cart.units, change.cart.total, change.event.holds) == (1, 500, {"milk": 1})
    assert [(line.sku, line.quantity, line.currency) for line in change.cart.saved] == [("tea", 2, "EUR")]
    assert isinstance(change.event, LineRemoved)
    assert change.event.previous == 2


def test_saving_the_last_line_leaves_a_cart_without_currency():
    change = changed(cart_of(add("tea")), SaveLine(TEA))
    assert (change.cart.currency, change.cart.units, len(change.cart.saved)) == (None, 0, 1)


def test_saving_again_joins_what_was_saved_as_far_as_a_line_goes():
    cart = changed(cart_of(add("tea", 600)), SaveLine(TEA)).cart
    again = changed(cart_of(add("tea", 600)), SaveLine(TEA)).cart
    both = replace(cart_of(add("tea", 600)), saved=cart.saved)
    assert [line.quantity for line in changed(both, SaveLine(TEA)).cart.saved] == [MAX_QUANTITY]
    assert decide(again, SaveLine(TEA), moment()) is None


def test_what_was_saved_in_another_currency_is_replaced():
    before = changed(cart_of(add("tea", 5, currency="PLN")), SaveLine(TEA)).cart
    both = replace(cart_of(add("tea", 2)), saved=before.saved)
    assert [(one.quantity, one.total, one.currency) for one in changed(both, SaveLine(TEA)).cart.saved] == [
        (2, 1000, "EUR")
    ]


def test_saving_again_keeps_the_newer_price():
    before = changed(cart_of(add("tea", 5, price=300)), SaveLine(TEA)).cart
    both = replace(cart_of(add("tea", 2, price=400)), saved=before.saved)
    assert [(one.quantity, one.total) for one in changed(both, SaveLine(TEA)).cart.saved] == [(7, 2800)]


def test_500_lines_are_saved_and_no_more():
    [tea] = changed(cart_of(add("tea")), SaveLine(TEA)).cart.saved
    others = tuple(replace(tea, line_id=UUID(int=n)) for n in range(MAX_LINES))
    assert len(changed(replace(cart_of(add("tea")), saved=others[1:]), SaveLine(TEA)).cart.saved) == MAX_LINES
    full = replace(cart_of(add("tea")), saved=others)
    assert refused(full, SaveLine(TEA)) == "limit-reached"
    assert refusal(full, SaveLine(TEA)).members == {"which": "saved_lines", "limit": 500}
    assert changed(replace(cart_of(add("tea")), saved=(*others[1:], tea)), SaveLine(TEA)).cart.saved[-1].quantity == 2


def test_a_restored_line_joins_the_others_in_its_place():
    cart = cart_of(add("tea", 2), SaveLine(TEA), add("milk"), add("tea", 3), add("jam"))
    back = changed(cart, RestoreLine(TEA)).cart
    assert [(line.sku, line.quantity) for line in back.lines] == [("milk", 1), ("tea", 5), ("jam", 1)]
    alone = changed(cart_of(add("tea", 2), SaveLine(TEA), add("milk")), RestoreLine(TEA)).cart
    assert [(line.sku, line.quantity, line.total) for line in alone.lines] == [("milk", 1, 500), ("tea", 2, 1000)]


def test_restoring_and_discarding_leave_the_other_saved_lines():
    cart = cart_of(add("tea"), SaveLine(TEA), add("jam"), SaveLine(line_id("jam", {})))
    for command in (RestoreLine(TEA), DiscardSaved(TEA)):
        assert [line.sku for line in changed(cart, command).cart.saved] == ["jam"]


def test_a_cart_has_twenty_attributes_and_no_more():
    most = {f"a{n}": "x" for n in range(20)}
    cart = changed(cart_of(), SetAttributes(most)).cart
    assert len(cart.attributes) == 20
    assert refused(cart, SetAttributes({"one more": "x"})) == "limit-reached"
    assert refusal(cart, SetAttributes({"one more": "x"})).members == {"which": "attributes", "limit": 20}


def test_a_restored_line_is_added_to_what_is_there():
    saved = changed(cart_of(add("tea", 2)), SaveLine(TEA)).cart
    back = changed(changed(saved, add("tea", 3)).cart, RestoreLine(TEA))
    assert (back.cart.lines[0].quantity, back.cart.saved) == (5, ())
    assert isinstance(back.event, LineAdded)
    assert (back.event.added, back.event.quantity) == (2, 5)


def test_what_cannot_come_back_stays_saved():
    saved = changed(cart_of(add("tea", 2)), SaveLine(TEA)).cart
    assert refused(changed(saved, add("milk", currency="PLN")).cart, RestoreLine(TEA)) == "currency-mismatch"
    assert refused(changed(saved, add("tea", MAX_QUANTITY)).cart, RestoreLine(TEA)) == "limit-reached"
    full = replace(cart_of(*(add(f"sku-{n}") for n in range(MAX_LINES))), saved=saved.saved)
    assert refused(full, RestoreLine(TEA)) == "limit-reached"
    assert refused(cart_of(), RestoreLine(TEA)) == "unknown-line"
    assert refused(cart_of(), SaveLine(TEA)) == "unknown-line"


def test_discarding_changes_nothing_that_is_bought():
    saved = changed(cart_of(add("tea", 2), add("milk")), SaveLine(TEA)).cart
    change = changed(saved, DiscardSaved(TEA))
    assert isinstance(change.event, CartDetailsSet)
    assert (change.cart.saved, change.event.holds) == ((), {"milk": 1})
    assert decide(change.cart, DiscardSaved(TEA), moment()) is None


def test_a_note_stays_with_its_line_and_out_of_events():
    change = changed(cart_of(add("tea")), SetNote(TEA, "For Ben's birthday"))
    assert change.cart.lines[0].note == "For Ben's birthday"
    assert "Ben" not in change.event.model_dump_json()
    assert changed(change.cart, add("tea")).cart.lines[0].note == "For Ben's birthday"
    assert decide(change.cart, SetNote(TEA, "For Ben's birthday"), moment()) is None
    assert changed(change.cart, SetNote(TEA, None)).cart.lines[0].note is None
    assert refused(cart_of(), SetNote(TEA, "x")) == "unknown-line"


def test_attributes_are_set_one_by_one_and_removed_by_none():
    empty = no_cart_yet("shop", None, moment())
    cart = changed(empty, SetAttributes({"channel": "app", "utm_source": "letter"})).cart
    cart = changed(cart, SetAttributes({"utm_source": None, "device": "till 4"})).cart
    assert cart.attributes == {"channel": "app", "device": "till 4"}
    assert decide(cart, SetAttributes({"channel": "app", "absent": None}), moment()) is None
    assert refused(cart, SetAttributes({f"a{n}": "x" for n in range(20)})) == "limit-reached"


@given(st.lists(st.one_of(adds, st.builds(SaveLine, line_ids), st.builds(RestoreLine, line_ids)), max_size=30))
def test_saving_and_restoring_lose_nothing_but_what_a_line_cannot_hold(asked: list[Command]):
    cart, put_in = no_cart_yet("shop", "anna", moment()), 0
    for second, command in enumerate(asked):
        try:
            change = decide(cart, command, moment(second))
        except Refusal:
            continue
        if change is None:
            continue
        before = cart.units + sum(line.quantity for line in cart.saved)
        after = change.cart.units + sum(line.quantity for line in change.cart.saved)
        put_in = getattr(command, "quantity", 0)
        joined = isinstance(command, SaveLine) and cart.saved_line(command.line_id)
        assert after == before + put_in or joined
        assert change.event.holds == change.cart.holds()
        cart = change.cart
