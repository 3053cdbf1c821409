"""A large batch in parts: nothing is lost, and what is about one cart stays together, in its order."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import Event
from libs.inbox.records import Received
from services.trigger.handlers.lanes import LANES, apart
from tests.unit.trigger.making import T0, added, level, reached, watched

CARTS = st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 5))


def received(events: list[Event]) -> list[Received[Event]]:
    return [Received(event, event.topic, 0, offset, event.occurred_at) for offset, event in enumerate(events)]


@given(st.lists(st.one_of(CARTS.map(lambda c: added(*c)), st.builds(reached), st.builds(lambda: level(3, 1)))))
def test_a_cart_is_in_one_lane_and_all_keep_their_order(events: list[Event]) -> None:
    batch = received(events)
    first, lanes = apart(batch)
    assert len(lanes) <= LANES
    assert sorted((one for part in (first, *lanes) for one in part), key=lambda one: one.offset) == batch
    for part in (first, *lanes):
        assert [one.offset for one in part] == sorted(one.offset for one in part)
    assert not any(hasattr(one.event, "cart_id") for one in first)
    carts = [{one.event.key() for one in lane} for lane in lanes]
    assert all(lanes)
    assert sum(map(len, carts)) == len(set().union(*carts))


def test_carts_are_shared_out_and_what_is_about_none_comes_first() -> None:
    events = [added(f"cart-{n}", 1, T0 + timedelta(seconds=n)) for n in range(200)]
    first, lanes = apart(received([watched("w"), *events, level(3, 1)]))
    assert [one.event.type for one in first] == ["watch.set", "inventory.level_set"]
    assert len(lanes) == LANES
    assert all(len(lane) > 200 / LANES / 2 for lane in lanes)
