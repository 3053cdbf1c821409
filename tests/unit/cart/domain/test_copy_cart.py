"""What of a shared cart comes into one's own: up to the last line, unit and cent."""

from dataclasses import replace

import pytest

from services.cart.domain.cart import Cart
from services.cart.domain.commands import AddLine, SetNote, line_id
from services.cart.domain.copy_cart import copy_lines
from services.cart.domain.decide import decide
from services.cart.domain.limits import MAX_TOTAL, Limits
from services.cart.domain.size import cart_bytes, line_bytes
from tests.unit.cart.carts import add, cart_of, moment

TEA = line_id("tea", {})


def test_a_copy_takes_up_to_the_last_line_unit_and_cent():
    theirs = cart_of(add("tea", 2), add("jam", 1), customer_id="ben", cart_id=8)
    change, _ = copy_lines(cart_of(add("milk")), theirs, moment(9), Limits(lines=3))
    assert change is not None
    assert change.cart.holds() == {"milk": 1, "tea": 2, "jam": 1}
    change, lines = copy_lines(cart_of(add("milk")), theirs, moment(9), Limits(lines=2))
    assert change is not None
    assert change.cart.holds() == {"milk": 1, "tea": 2}
    assert [(line.fate, line.quantity, line.reason) for line in lines] == [
        ("added", 2, None),
        ("not_added", 0, "limit"),
    ]


@pytest.mark.parametrize(("spare", "fits"), [(6, True), (5, False)])
def test_a_copy_stops_at_a_total_that_programs_could_not_read_exactly(spare: int, fits: bool):
    own = with_gold(spare + 9, add("jam", 3, price=3))
    change, [told] = copy_lines(own, cart_of(add("jam", 2, price=9), customer_id="ben", cart_id=8), moment(9))
    assert (told.fate, told.quantity, told.reason) == (("raised", 5, None) if fits else ("not_added", 3, "limit"))
    assert change is None or change.cart.total == MAX_TOTAL
    assert (change is not None) is fits


def test_the_total_of_a_copy_grows_line_by_line():
    theirs = cart_of(add("jam", price=5), add("tea", price=7), add("milk", price=1), customer_id="ben", cart_id=8)
    change, lines = copy_lines(with_gold(11, add("tea", price=3)), theirs, moment(9))
    assert change is not None
    assert change.cart.total == MAX_TOTAL
    assert [line.fate for line in lines] == ["added", "raised", "not_added"]


def with_gold(spare: int, *more: AddLine) -> Cart:
    """A cart with one line that leaves only so many cents for others, and these."""
    cart = cart_of(add("gold"), *more)
    gold, *others = cart.lines
    price = MAX_TOTAL - spare
    return replace(cart, lines=(replace(gold, price=price, total=price), *others))


def test_a_copied_line_brings_nothing_that_the_other_wrote_or_remembers():
    noted = decide(cart_of(add("tea", 2)), SetNote(TEA, "gift"), moment(5, "tablet"))
    assert noted is not None
    change, _ = copy_lines(cart_of(cart_id=8), noted.cart, moment(9, "phone"))
    assert change is not None
    [line] = change.cart.lines
    assert (line.note, line.device, line.added_at, line.changed_at) == (None, "phone", moment(9).now, ())
    assert line.history == ((1, 0),)


def test_a_copy_leaves_a_line_that_has_more_than_the_store_lets_in_as_it_is():
    own, theirs = cart_of(add("tea", 9)), cart_of(add("tea", 2), customer_id="ben", cart_id=8)
    change, lines = copy_lines(own, theirs, moment(9), Limits(quantity=3))
    assert change is None
    assert [(line.fate, line.quantity, line.reason) for line in lines] == [("not_added", 9, "limit")]


def test_a_copy_into_a_cart_without_currency_takes_that_of_the_other():
    pln = cart_of(add("jam", currency="PLN"), customer_id="ben", cart_id=8)
    change, [line] = copy_lines(cart_of(), pln, moment(9), Limits(currencies=frozenset({"EUR", "PLN"})))
    assert change is not None
    assert (change.cart.currency, line.fate) == ("PLN", "added")


def test_a_line_that_one_had_counts_once_in_what_may_still_come():
    theirs = cart_of(add("tea", 2, price=4), add("jam", price=5), customer_id="ben", cart_id=8)
    for spare, fate in ((8 + 5, "added"), (8 + 4, "not_added")):
        change, lines = copy_lines(with_gold(spare + 12, add("tea", 3, price=4)), theirs, moment(9))
        assert change is not None
        assert [line.fate for line in lines] == ["raised", fate]


def test_a_copy_fills_a_cart_to_its_last_byte():
    own = cart_of(add("tea", 2))
    theirs = cart_of(add("tea", 1), add("jam"), add("milk"), customer_id="ben", cart_id=8)
    _, jam, milk = theirs.lines
    room = cart_bytes(own) + line_bytes(jam) + line_bytes(milk)
    for size, last in ((room, ("added", None)), (room - 1, ("not_added", "limit"))):
        _, lines = copy_lines(own, theirs, moment(9), Limits(size=size))
        assert [line.fate for line in lines[:2]] == ["raised", "added"]
        assert (lines[2].fate, lines[2].reason) == last
    _, lines = copy_lines(cart_of(), replace(theirs, lines=(jam, milk)), moment(9), Limits(size=line_bytes(jam)))
    assert [line.fate for line in lines] == ["added", "not_added"]
