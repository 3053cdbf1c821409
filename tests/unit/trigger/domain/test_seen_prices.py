"""What a unit cost when a customer put it into the cart, or changed how many."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartEvent
from libs.contracts.events.lines import CartLine
from services.trigger.domain.batch import Held, apply_batch, held_since, lowest_prices
from tests.unit.trigger.making import T0, added, after, campaigns, cart_id, cleared, ordered


def cart(version: int, at: datetime, *lines: CartLine) -> CartEvent:
    """As the cart service tells it: lines that are set aside are held by nobody."""
    held: dict[str, int] = {}
    for line in lines:
        if not line.saved:
            held[line.sku] = held.get(line.sku, 0) + line.units
    return added("a", version, at, held or {"tea": 1}).model_copy(update={"lines": lines, "holds": held})


def seen(*events: CartEvent) -> Mapping[str, Held]:
    outcome = apply_batch({}, [(event, 0) for event in events], lambda _: campaigns())
    return outcome.changed[cart_id("a")].holds


def test_it_is_the_price_of_the_line() -> None:
    events = cart(1, T0, CartLine("tea", 1, 450), CartLine("cup", 2, 900))
    assert seen(events) == {"tea": Held(1, T0, 450), "cup": Held(2, T0, 900)}


def test_a_price_that_moves_by_itself_is_none_that_they_saw() -> None:
    first, cheaper = cart(1, T0, CartLine("tea", 1, 450)), cart(2, after(hours=1), CartLine("tea", 1, 400))
    assert seen(first, cheaper) == {"tea": Held(1, T0, 450)}


def test_whoever_changes_the_units_sees_the_price_of_then() -> None:
    first, more = cart(1, T0, CartLine("tea", 1, 450)), cart(2, after(hours=1), CartLine("tea", 2, 400))
    assert seen(first, more) == {"tea": Held(2, after(hours=1), 400)}
    assert seen(first, cleared("a", 2), cart(3, after(hours=2), CartLine("tea", 1, 300)))["tea"].seen_price == 300


def test_of_lines_with_other_options_it_is_the_lowest_and_what_is_set_aside_is_none() -> None:
    lines = (
        CartLine("tea", 1, 450),
        CartLine("tea", 1, 430),
        CartLine("tea", 1, 440),
        CartLine("cup", 1, 5, saved=True),
    )
    assert lowest_prices(lines) == {"tea": 430}
    assert lowest_prices([CartLine("tea", 1, 0, saved=False)]) == {"tea": 0}
    assert lowest_prices([]) == {}


@pytest.mark.parametrize("lines", [None, ()])
def test_an_event_of_before_tells_no_price(lines: tuple[CartLine, ...] | None) -> None:
    assert seen(added("a", 1, T0).model_copy(update={"lines": lines})) == {"tea": Held(1, T0, None)}
    told, silent = cart(1, T0, CartLine("tea", 1, 450)), added("a", 2, after(hours=1), {"tea": 2})
    assert seen(told, silent) == {"tea": Held(2, after(hours=1), None)}


def test_a_closed_cart_and_no_units_hold_nothing() -> None:
    assert seen(cart(1, T0, CartLine("tea", 1, 450)), ordered("a", 2, after(hours=1))) == {}
    assert held_since({}, added("a", 1, T0, {"tea": 0})) == {}


changes = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), min_size=1, max_size=8)


@given(changes)
def test_in_any_batch_it_is_the_price_of_the_last_change_of_units(story: list[tuple[int, int]]) -> None:
    events = [cart(n, after(hours=n), CartLine("tea", *one)) for n, one in enumerate(story, start=1)]
    last = len(story) - 1
    while last > 0 and story[last - 1][0] == story[last][0]:
        last -= 1
    assert seen(*events)["tea"] == Held(story[-1][0], after(hours=last + 1), story[last][1])
