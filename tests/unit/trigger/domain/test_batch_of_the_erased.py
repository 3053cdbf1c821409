"""What occurred up to the erasure of its customer is dropped, whenever and in whatever batch it is read."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.trigger.domain.batch import apply_batch
from services.trigger.domain.carts import CartState
from tests.unit.trigger.making import STORE, T0, added, after, campaigns, cart_id

ANNA = "anna"
AT = after(hours=5)


@given(st.lists(st.integers(min_value=0, max_value=10), min_size=1, max_size=8, unique=True), st.integers(0, 8))
def test_nothing_older_than_the_erasure_is_taken_in_and_all_that_is_newer_is(hours: list[int], cut: int) -> None:
    events = [(added(f"c{hour}", 1, after(hours=hour), customer=ANNA), 0) for hour in hours]
    known: dict[UUID, CartState] = {}
    for batch in (events[:cut], events[cut:]):
        outcome = apply_batch(known, batch, lambda _: campaigns(), {(STORE, ANNA): AT})
        known |= {one: changed.state for one, changed in outcome.changed.items()}
        assert outcome.overtaken == []
    assert set(known) == {cart_id(f"c{hour}") for hour in hours if after(hours=hour) > AT}


def test_guests_and_others_are_not_concerned() -> None:
    events = [(added("guest", 1, T0, customer=None), 0), (added("ben", 1, T0, customer="ben"), 0)]
    erased = {(STORE, ANNA): AT, ("other", "ben"): AT}
    assert set(apply_batch({}, events, lambda _: campaigns(), erased).changed) == {cart_id("guest"), cart_id("ben")}


def test_the_very_instant_of_the_erasure_is_before_it() -> None:
    just_after = AT + timedelta(microseconds=1)
    events = [(added("a", 1, AT, customer=ANNA), 0), (added("b", 1, just_after, customer=ANNA), 0)]
    assert set(apply_batch({}, events, lambda _: campaigns(), {(STORE, ANNA): AT}).changed) == {cart_id("b")}
