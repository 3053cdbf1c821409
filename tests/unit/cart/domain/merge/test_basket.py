"""How much fits into a cart that is being put together, and what becomes of the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.cart.domain.cart import Line
from services.cart.domain.limits import MAX_LINES, MAX_QUANTITY, MAX_TOTAL, Limits
from services.cart.domain.merge.basket import Basket
from services.cart.domain.saved_lines import set_aside
from tests.unit.cart.carts import NOON, add, cart_of

LATER = NOON + timedelta(hours=1)


def line(sku: str, quantity: int, price: int = 1, **more: str) -> Line:
    made = cart_of(add(sku, 1, options=more)).lines[0]
    return replace(made, quantity=quantity, price=price, total=price * quantity)


def empty(stock: dict[str, int] | None = None, limits: Limits | None = None) -> Basket:
    return Basket("EUR", (), (), stock or {}, limits or Limits())


def test_a_cart_has_room_up_to_a_total_that_programs_read_exactly() -> None:
    basket = empty()
    basket.put(line("gold", 1, MAX_TOTAL - 5))
    assert basket.room(line("tea", 5)) == (5, None)
    assert basket.room(line("tea", 6)) == (5, "limit")
    basket.put(line("tea", 5))
    assert basket.room(line("jam", 1)) == (0, "limit")
    assert basket.room(line("tea", 6)) == (5, "limit"), "what is there makes room for its successor"
    basket.put(line("tea", 2))
    assert basket.room(line("jam", 4)) == (3, "limit")


def test_lines_that_were_there_count_in_the_total() -> None:
    basket = Basket("EUR", [line("gold", 1, MAX_TOTAL - 5)], (), {})
    assert basket.room(line("tea", 6)) == (5, "limit")


def test_as_many_units_fit_as_their_price_lets_in() -> None:
    basket = empty()
    basket.put(line("gold", 1, MAX_TOTAL - 5))
    assert basket.room(line("tea", 3, price=2)) == (2, "limit")


def test_what_costs_nothing_fits_into_any_total() -> None:
    basket = empty()
    basket.put(line("gold", 1, MAX_TOTAL))
    assert basket.room(line("gift", 3, price=0)) == (3, None)


def test_all_lines_of_a_sku_share_its_stock_as_they_come_and_go() -> None:
    basket = Basket("EUR", [line("shirt", 2, size="M")], (), {"shirt": 5})
    assert basket.room(line("shirt", 4, size="L")) == (3, "stock")
    basket.put(line("shirt", 2, size="L"))
    assert basket.room(line("shirt", 2, size="S")) == (1, "stock")
    basket.put(line("shirt", 1, size="L"))
    assert basket.room(line("shirt", 3, size="S")) == (2, "stock")
    assert basket.room(line("shirt", 9, size="M")) == (4, "stock")


def test_the_first_line_of_a_sku_leaves_the_rest_of_its_stock_to_the_next() -> None:
    basket = empty({"shirt": 5})
    basket.put(line("shirt", 2, size="M"))
    assert basket.room(line("shirt", 9, size="L")) == (3, "stock")


def test_what_is_in_the_cart_is_no_more_measured_against_stock_and_limits() -> None:
    basket = Basket("EUR", [line("tea", 7)], (), {"tea": 2}, Limits(lines=1, quantity=3))
    assert basket.room(line("tea", 7)) == (7, None)
    assert basket.room(line("tea", 8))[0] == 7


def test_one_more_line_than_the_store_takes_does_not_fit() -> None:
    basket = empty(limits=Limits(lines=2))
    basket.put(line("tea", 1))
    assert basket.room(line("jam", 1)) == (1, None)
    basket.put(line("jam", 1))
    assert basket.room(line("milk", 1)) == (0, "limit")
    assert basket.room(line("jam", 2)) == (2, None)


def test_units_are_set_aside_beside_those_that_are_aside() -> None:
    basket = Basket("EUR", (), [set_aside(line("tea", 2, 10), "EUR", NOON)], {})
    assert basket.shelve(line("tea", 9, 12), 3, "EUR", LATER) == 0
    [aside] = basket.saved
    assert (aside.quantity, aside.price, aside.total) == (5, 12, 60)


def test_nothing_to_set_aside_leaves_the_shelf_alone() -> None:
    basket = empty()
    assert basket.shelve(line("tea", 1), 0, "EUR", NOON) == 0
    assert basket.saved == ()


@pytest.mark.parametrize(("aside", "more", "beyond"), [(998, 1, 0), (998, 2, 1), (999, 1, 1), (1, 999, 1)])
def test_a_line_that_is_aside_has_at_most_999_units(aside: int, more: int, beyond: int) -> None:
    basket = Basket("EUR", (), [set_aside(line("tea", aside), "EUR", NOON)], {})
    assert basket.shelve(line("tea", more), more, "EUR", NOON) == beyond
    assert basket.saved[0].quantity == min(aside + more, MAX_QUANTITY)


@pytest.mark.parametrize("units", [MAX_QUANTITY, MAX_QUANTITY + 2])
def test_a_full_line_that_is_aside_stays_as_it_was(units: int) -> None:
    basket = Basket("EUR", (), [full := set_aside(line("tea", units, 10), "EUR", NOON)], {})
    assert basket.shelve(line("tea", 1, 12), 1, "EUR", LATER) == 1
    assert basket.saved == (full,)


def test_the_shelf_has_500_lines_and_no_more() -> None:
    basket = Basket("EUR", (), [set_aside(line(f"sku-{n}", 1), "EUR", NOON) for n in range(MAX_LINES - 1)], {})
    assert basket.shelve(line("tea", 2), 2, "EUR", NOON) == 0
    assert basket.shelve(line("jam", 2), 2, "EUR", NOON) == 2
    assert basket.shelve(line("tea", 1), 1, "EUR", NOON) == 0
    assert len(basket.saved) == MAX_LINES


def test_a_note_of_what_is_aside_is_not_lost() -> None:
    noted = replace(line("tea", 1), note="gift")
    basket = Basket("EUR", (), [set_aside(noted, "EUR", NOON)], {})
    basket.shelve(line("tea", 1), 1, "EUR", NOON)
    assert basket.saved[0].note == "gift"
    basket.shelve(replace(noted, note="for Ben"), 1, "EUR", NOON)
    assert basket.saved[0].note == "for Ben"
