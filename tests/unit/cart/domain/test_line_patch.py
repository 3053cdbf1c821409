"""Where a change has touched one line of a large cart, that line is all that has to be written."""

from dataclasses import replace

import pytest

from services.cart.domain.cart import Line
from services.cart.domain.line_patch import changed_place
from tests.unit.cart.domain.test_remembered import shopping

LINE = shopping(1)[0].lines[0]


def lines(count: int) -> tuple[Line, ...]:
    return tuple(replace(LINE, sku=f"sku-{number}") for number in range(count))


@pytest.mark.parametrize("place", [0, 5, 11])
def test_one_line_that_is_another_is_named_by_its_place(place: int):
    before = lines(12)
    after = (*before[:place], replace(before[place], quantity=7), *before[place + 1 :])
    assert changed_place(before, after) == place


def test_a_line_that_came_is_at_the_end():
    before = lines(12)
    assert changed_place(before, (*before, LINE)) == 12


def test_a_cart_of_fewer_than_twelve_lines_is_written_whole():
    before = lines(11)
    assert changed_place(before, (*before, LINE)) is None
    assert changed_place(before, (LINE, *before[1:])) is None


def test_a_cart_of_which_more_has_changed_is_written_whole():
    before = lines(14)
    assert changed_place(before, before) is None
    assert changed_place(before, before[:-1]) is None, "one is gone"
    assert changed_place(before, (LINE, LINE, *before[2:])) is None
    assert changed_place(before, (LINE, *before[1:], LINE)) is None, "one is another, and one came"
    assert changed_place(before, (*before, LINE, LINE)) is None
    assert changed_place(before, (*before[1:], before[0])) is None, "in another order"
    assert changed_place(before, before[1:]) is None
