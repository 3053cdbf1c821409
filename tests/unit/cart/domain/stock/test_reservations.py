"""Who gets how much of what there is."""

from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.cart.domain.cart import Line
from services.cart.domain.stock.reservations import lets_go, share_out, units_of
from tests.unit.cart.carts import add, cart_of

AT = datetime(2026, 3, 14, tzinfo=UTC)
SKUS = st.sampled_from(["tea", "jam", "milk"])


def line(sku: str, quantity: int) -> Line:
    return Line(uuid4(), sku, {}, "Title", 100, quantity, quantity * 100, None, None, None, AT, AT)


@given(st.lists(st.tuples(SKUS, st.integers(1, 9)), max_size=6), st.dictionaries(SKUS, st.integers(0, 12)))
def test_nobody_gets_more_than_asked_for_or_than_there_is(asked: list[tuple[str, int]], free: dict[str, int]):
    shared = share_out([line(sku, quantity) for sku, quantity in asked], free)
    assert all(0 <= one.reserved <= one.quantity and one.reserved + one.short == one.quantity for one in shared)
    units = units_of(shared, free)
    for sku in {sku for sku, _ in asked}:
        wanted = sum(quantity for one, quantity in asked if one == sku)
        assert units.get(sku, 0) == (min(wanted, free[sku]) if sku in free else 0)
        if sku not in free:
            assert all(one.short == 0 for one in shared if one.sku == sku)


def test_a_cart_lets_go_where_it_has_less_of_anything():
    before = cart_of(add("tea", 2), add("milk"))
    assert not lets_go(before, before)
    assert not lets_go(before, cart_of(add("tea", 3), add("milk"), add("jam")))
    assert lets_go(before, cart_of(add("tea", 1), add("milk", 9)))
    assert lets_go(before, cart_of(add("tea", 2)))
    assert lets_go(before, cart_of(add("jam", 9)))


def test_the_same_units_in_other_lines_are_no_less():
    small, large = add("tea", 1, options={"size": "S"}), add("tea", 1, options={"size": "L"})
    assert not lets_go(cart_of(small, large), cart_of(add("tea", 2)))
