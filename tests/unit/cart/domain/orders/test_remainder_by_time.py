"""What an order of a moment took: as exactly as by the version, with times instead."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import OrderPlaced
from services.cart.domain.cart import Cart
from services.cart.domain.commands import SetNote, SetQuantity, line_id
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.place import place
from services.cart.domain.orders.remainder import CLOCKS_APART, put_in_since, quantity_at, quantity_when, told_late
from tests.unit.cart.carts import NOON, add, cart_of, commands, moment, quantities

TEA = line_id("tea", {})


@given(st.lists(commands, max_size=12), st.integers(0, 14))
def test_what_was_there_at_a_moment_is_what_was_there_at_the_version_of_that_moment(asked, second: int):
    states = [cart_of(add("tea"))]
    for number, command in enumerate(asked, start=1):
        try:
            change = decide(states[-1], command, moment(number * 60))
        except Refusal:
            continue
        if change is not None:
            states.append(change.cart)
    at = NOON + timedelta(seconds=second * 60)
    then = [state for state in states if state.updated_at <= at][-1]
    for line in states[-1].lines:
        assert quantity_when(line, at) == quantity_at(line, then.version)


def test_a_line_of_a_release_that_kept_no_times_counts_its_latest_change_at_the_time_of_its_own():
    [line] = cart_of(add("tea", 2), SetQuantity(TEA, 5)).lines
    old = replace(line, changed_at=())
    assert quantity_when(old, NOON) == 2
    assert quantity_when(old, line.updated_at) == 5
    assert quantity_when(old, NOON - timedelta(seconds=1)) == 0


@pytest.mark.parametrize(("seconds", "units"), [(-1, 0), (0, 2), (0.5, 2), (1, 5), (1.5, 5), (2, 3), (60, 3)])
def test_a_line_held_at_a_moment_what_its_latest_change_until_then_had_set(seconds: float, units: int):
    [line] = cart_of(add("tea", 2), SetQuantity(TEA, 5), SetQuantity(TEA, 3)).lines
    assert quantity_when(line, NOON + timedelta(seconds=seconds)) == units


def test_a_note_that_was_written_since_changes_nothing_of_what_was_there():
    [line] = cart_of(add("tea", 2), SetNote(TEA, "gift")).lines
    assert line.updated_at > NOON
    assert quantity_when(line, NOON) == 2


def placed(cart: Cart, **more) -> tuple[dict[str, int], dict[str, int]]:
    """What was bought and what is left, by sku."""
    outcome = place(PlaceOrder(order_id="o-1", customer_id="anna", **more), "shop", [cart], moment(7200))
    bought = outcome.closed[0].cart.holds() if outcome.closed else {}
    left = outcome.following[0].cart.holds() if outcome.following else {}
    return bought, left if outcome.closed else cart.holds()


def test_the_tolerance_between_clocks_is_for_what_the_order_names():
    cart = cart_of(add("tea", 2), add("milk"))
    before = NOON - CLOCKS_APART + timedelta(seconds=5)
    lines = [OrderLine(sku="tea", quantity=1)]
    assert placed(cart, placed_at=before, lines=lines) == ({"tea": 1}, {"tea": 1, "milk": 1})
    assert placed(cart, placed_at=before) == ({}, {"tea": 2, "milk": 1})
    assert placed(cart, placed_at=before - timedelta(seconds=10), lines=lines) == ({}, {"tea": 2, "milk": 1})


@pytest.mark.parametrize(("minutes", "taken"), [(0, True), (2, True), (2.5, False)])
def test_an_order_of_a_whole_cart_takes_what_it_names_and_was_put_in_by_then_as_far_as_clocks_agree(
    minutes: float, taken: bool
):
    cart, lines = cart_of(add("tea")), [OrderLine(sku="tea", quantity=1)]
    before = NOON - timedelta(minutes=minutes)
    assert placed(cart, placed_at=before, lines=lines, whole_cart=True)[0] == ({"tea": 1} if taken else {})


@pytest.mark.parametrize(("minutes", "since"), [(0, False), (2, False), (2.5, True)])
def test_what_came_within_two_minutes_of_an_order_was_not_put_in_since(minutes: float, since: bool):
    assert put_in_since(cart_of(add("tea")).lines, NOON - timedelta(minutes=minutes)) is since


def test_clocks_may_be_two_minutes_apart_and_no_more():
    lines = [OrderLine(sku="tea", quantity=1)]
    cart = cart_of(add("tea", 1))
    assert placed(cart, placed_at=NOON - timedelta(minutes=2), lines=lines) == ({"tea": 1}, {})
    assert placed(cart, placed_at=NOON - timedelta(minutes=2, seconds=1), lines=lines) == ({}, {"tea": 1})


@given(
    st.lists(commands, max_size=8),
    st.dictionaries(st.sampled_from(["tea", "sku-a", "sku-b"]), st.integers(1, 9), min_size=1),
)
def test_a_partial_order_takes_no_more_than_it_names_and_every_unit_is_in_one_place(asked, named: dict[str, int]):
    cart = cart_of(add("tea"))
    for number, command in enumerate(asked, start=1):
        try:
            change = decide(cart, command, moment(number))
        except Refusal:
            continue
        cart = change.cart if change else cart
    lines = [OrderLine(sku=sku, quantity=units) for sku, units in named.items()]
    bought, left = placed(cart, partial=True, lines=lines)
    for sku, units in cart.holds().items():
        assert bought.get(sku, 0) == min(units, named.get(sku, 0))
        assert bought.get(sku, 0) + left.get(sku, 0) == units
    outcome = place(PlaceOrder(order_id="o-1", partial=True, lines=lines), "shop", [cart], moment(7200))
    assert outcome.awaited == {
        sku: units - cart.holds().get(sku, 0) for sku, units in named.items() if units > cart.holds().get(sku, 0)
    }
    assert quantities(cart) == {line.line_id: line.quantity for line in cart.lines}


@pytest.mark.parametrize(("minutes", "late"), [(None, False), (0, False), (-1, True), (1, False)])
def test_an_order_is_told_late_that_was_placed_before_it_was_told(minutes: int | None, late: bool):
    placed_at = None if minutes is None else NOON + timedelta(minutes=minutes)
    told = {"event_id": TEA, "occurred_at": NOON, "store_id": "shop", "order_id": "o-1", "placed_at": placed_at}
    assert told_late(OrderPlaced.model_validate(told)) == (placed_at if late else None)
