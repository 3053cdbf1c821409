"""How many bytes fit into a cart that is being put together: to the last one, with what is aside."""

from dataclasses import replace

import pytest

from services.cart.domain.cart import Line
from services.cart.domain.limits import Limits
from services.cart.domain.merge.basket import Basket
from services.cart.domain.saved_lines import set_aside
from services.cart.domain.size import line_bytes
from tests.unit.cart.carts import NOON, add, cart_of

[TEA, JAM, MILK] = cart_of(add("tea"), add("jam"), add("milk")).lines


def noted(line: Line, note: str) -> Line:
    return replace(line, note=note)


def basket(*lines: Line, spare: int, aside: tuple[Line, ...] = (), known: tuple[Line, ...] = ()) -> Basket:
    """With room for these lines and so many bytes; `known` are in it, `aside` beside it."""
    size = sum(map(line_bytes, (*known, *aside, *lines))) + spare
    return Basket("EUR", known, [set_aside(line, "EUR", NOON) for line in aside], {}, Limits(size=size))


@pytest.mark.parametrize(("spare", "room"), [(0, (1, None)), (-1, (0, "limit"))])
def test_a_cart_is_filled_to_its_last_byte_and_what_is_aside_counts(spare: int, room: tuple[int, str | None]) -> None:
    assert basket(JAM, spare=spare, known=(TEA,), aside=(MILK,)).room(JAM) == room


@pytest.mark.parametrize(("note", "fits"), [("gift", 1), ("gifts", 0)])
def test_a_line_may_grow_by_what_is_left(note: str, fits: int) -> None:
    assert basket(spare=4, known=(TEA,)).room(noted(TEA, note))[0] == fits


def test_in_a_cart_that_is_too_large_a_line_may_be_as_long_as_it_was() -> None:
    full = basket(spare=-100, known=(noted(TEA, "gift"),))
    assert full.room(noted(TEA, "card")) == (1, None)
    assert full.room(TEA) == (1, None)
    assert full.room(noted(TEA, "cards")) == (0, "limit")


def test_what_is_put_in_takes_its_bytes_and_gives_back_those_of_what_was_there() -> None:
    filled = basket(TEA, JAM, spare=4)
    filled.put(noted(TEA, "gift"))
    assert filled.room(JAM) == (1, None)
    filled.put(noted(TEA, "gifts"))
    assert filled.room(JAM) == (0, "limit")
    filled.put(TEA)
    assert filled.room(noted(JAM, "gift")) == (1, None)
    assert filled.room(noted(JAM, "gifts")) == (0, "limit")


@pytest.mark.parametrize(("spare", "beyond"), [(0, 0), (-1, 1)])
def test_what_is_set_aside_takes_its_bytes(spare: int, beyond: int) -> None:
    shelf = basket(TEA, JAM, spare=spare)
    assert shelf.shelve(TEA, 1, "EUR", NOON) == 0
    assert shelf.shelve(JAM, 1, "EUR", NOON) == beyond


@pytest.mark.parametrize(("note", "beyond"), [(None, 0), ("gift", 0), ("gifts", 1)])
def test_more_of_what_is_aside_takes_only_the_bytes_of_its_words(note: str | None, beyond: int) -> None:
    shelf = basket(TEA, JAM, spare=4)
    assert shelf.shelve(TEA, 1, "EUR", NOON) == shelf.shelve(replace(TEA, note=note), 1, "EUR", NOON) == 0
    assert shelf.shelve(JAM, 1, "EUR", NOON) == beyond


def test_the_first_units_of_a_line_that_are_set_aside_are_as_many_as_they_were() -> None:
    shelf = basket(TEA, spare=0)
    assert shelf.shelve(replace(TEA, quantity=999), 999, "EUR", NOON) == 0
    assert [(line.sku, line.quantity, line.total) for line in shelf.saved] == [("tea", 999, 999 * TEA.price)]


def test_all_that_there_is_of_a_sku_fits_into_a_cart_that_has_none_of_it() -> None:
    stocked = Basket("EUR", (), (), {"tea": 5})
    assert stocked.room(replace(TEA, quantity=5)) == (5, None)
    assert stocked.room(replace(TEA, quantity=6)) == (5, "stock")
