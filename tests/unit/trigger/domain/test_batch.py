"""What a batch of events means for the carts in it."""

from datetime import datetime, timedelta

from services.trigger.domain.batch import Held, apply_batch, held_since
from services.trigger.domain.carts import apply
from services.trigger.domain.reach import Reach
from tests.unit.trigger.making import STORE, T0, added, after, campaigns, cart_id, ordered

BY_SMS = Reach(email=False, sms=True)


def held(units: int, since: datetime) -> Held:
    return Held(units, since, None)


def test_an_item_is_held_since_its_own_units_last_changed() -> None:
    first = held_since({}, added("a", 1, T0, {"tea": 1, "cup": 2}))
    then = held_since(first, added("a", 2, after(hours=1), {"tea": 1, "cup": 3, "pot": 1}))
    assert then == {"tea": held(1, T0), "cup": held(3, after(hours=1)), "pot": held(1, after(hours=1))}
    assert held_since(then, added("a", 3, T0 + timedelta(hours=2), {"tea": 0})) == {}


def test_what_is_known_or_older_is_counted_as_dropped() -> None:
    batch = [(added("a", 2), 0), (added("a", 2), 0), (added("a", 1), 0), (added("b", 1), 3)]
    outcome = apply_batch({}, batch, lambda _: campaigns())
    assert outcome.dropped == 2
    assert {one.state.version: one.partition for one in outcome.changed.values()} == {2: 0, 1: 3}


def test_a_step_that_was_due_before_a_change_is_to_be_decided_on_as_if_it_had_been_looked_at_in_time() -> None:
    batch = [(added("a", 1), 0), (added("a", 2, after(hours=2), {"tea": 2}), 0)]
    outcome = apply_batch({}, batch, lambda _: campaigns())
    [(before, due)] = outcome.overtaken
    assert (before.version, [planned.number for planned in due]) == (1, [1])
    [changed] = outcome.changed.values()
    assert changed.holds == {"tea": held(2, after(hours=2))}


def test_a_closed_cart_holds_nothing() -> None:
    outcome = apply_batch({}, [(added("a", 1), 0), (ordered("a", 2), 0)], lambda _: campaigns())
    [changed] = outcome.changed.values()
    assert (changed.state.closed, changed.holds) == (True, {})


def test_a_cart_that_comes_back_holds_what_it_holds_since_then() -> None:
    batch = [(added("a", 1, T0, {"tea": 1, "cup": 1}), 0), (added("a", 2, after(hours=1), {"tea": 1, "cup": 2}), 0)]
    [changed] = apply_batch({}, batch, lambda _: campaigns()).changed.values()
    assert changed.holds == {"tea": held(1, T0), "cup": held(2, after(hours=1))}


def test_how_a_customer_can_be_reached_is_as_the_batch_was_told_or_as_it_was_known_where_it_was_told_nothing() -> None:
    told, others = {(STORE, "customer-a"): BY_SMS}, {(STORE, "anna"): BY_SMS}
    [changed] = apply_batch({}, [(added("a", 1), 0)], lambda _: campaigns(), {}, told).changed.values()
    assert changed.state.reach == BY_SMS
    later = [(added("a", 2, after(hours=1), {"tea": 2}), 0)]
    [again] = apply_batch({cart_id("a"): changed.state}, later, lambda _: campaigns()).changed.values()
    assert again.state.reach == BY_SMS
    [unknown] = apply_batch({cart_id("a"): changed.state}, later, lambda _: campaigns(), {}, others).changed.values()
    assert unknown.state.reach is None


def test_of_a_cart_that_was_known_before_the_batch_it_is_known_elsewhere_what_it_held() -> None:
    on, known = campaigns(), apply(None, added())
    late = added("a", 2, after(hours=2)), added("a", 3, after(hours=4))
    first = apply_batch({known.cart_id: known}, [(late[0], 0)], lambda _: on)
    assert [(state.version, len(due)) for state, due in first.overtaken] == [(1, 1)]
    assert first.held_then == {}
    both = apply_batch({known.cart_id: known}, [(event, 0) for event in late], lambda _: on)
    assert [state.version for state, _ in both.overtaken] == [1, 2]
    assert both.held_then == {(known.cart_id, 2): ("tea",)}
