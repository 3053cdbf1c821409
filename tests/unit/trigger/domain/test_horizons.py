"""How far was read: never further than what was handled, in whatever order horizons and records come in."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.trigger.domain.horizons import KEPT, SILENCE, Horizon, Horizons
from tests.unit.trigger.making import T0, after


def horizon(minute: int, ends: dict[int, int], told: int | None = None) -> Horizon:
    return Horizon(after(minutes=minute), ends, after(minutes=minute if told is None else told))


STEPS = st.lists(st.sampled_from(["write", "write", "tell", "hear", "hear", "read", "read", "hand over"]), max_size=120)


@given(STEPS, st.randoms(use_true_random=False))
def test_nothing_is_taken_as_read_that_was_not_handled(steps, dice):
    """Horizons come late, twice, out of order or never; partitions change hands and are read again from before."""
    logs: dict[int, list[int]] = {0: [], 1: [], 2: []}
    told: list[Horizon] = []
    heard, positions = Horizons(), dict.fromkeys(logs, 0)
    for minute, step in enumerate(steps, start=1):
        partition = dice.randrange(3)
        if step == "write":
            logs[partition].append(minute)
        elif step == "tell":
            known = {p: len(log) for p, log in logs.items() if dice.random() < 0.9}
            told.append(horizon(minute, known))
        elif step == "hear" and told:
            heard.tell(dice.choice(told))
        elif step == "read":
            positions[partition] = min(len(logs[partition]), positions[partition] + dice.randrange(1, 3))
        elif step == "hand over":
            positions[partition] = dice.randrange(positions[partition] + 1)
        for read, until in heard.reached(positions).items():
            unread = logs[read][positions[read] :]
            assert all(after(minutes=at) > until for at in unread)


def test_whoever_has_read_up_to_the_offsets_has_read_up_to_the_moment():
    heard = Horizons()
    assert not heard
    assert heard.reached({0: 5}) == {}
    heard.tell(horizon(1, {0: 5, 1: 0}))
    assert heard
    assert heard.reached({0: 4, 1: 0}) == {1: after(minutes=1)}
    assert heard.reached({0: 5, 7: 9}) == {0: after(minutes=1)}, "of 7 nothing is known"
    heard.tell(horizon(2, {0: 6, 1: 0}))
    assert heard.reached({0: 5, 1: 3}) == {0: after(minutes=1), 1: after(minutes=2)}
    heard.forget()
    assert not heard


def test_an_older_horizon_takes_nothing_back():
    heard = Horizons()
    heard.tell(horizon(2, {0: 5}))
    heard.tell(horizon(1, {0: 9}))
    heard.tell(horizon(2, {0: 9}))
    assert heard.reached({0: 5}) == {0: after(minutes=2)}


def test_one_that_comes_late_is_held_against_the_newest_and_the_newest_again_changes_that_alone():
    heard = Horizons()
    for minute in (1, 3):
        heard.tell(horizon(minute, {0: minute}))
    heard.tell(horizon(2, {0: 2}))
    assert heard.reached({0: 3}) == {0: after(minutes=3)}
    heard.tell(horizon(3, {0: 3}, told=8))
    assert [heard.reached({0: position}) for position in (1, 3)] == [{0: after(minutes=1)}, {0: after(minutes=3)}]
    assert not heard.silent(after(minutes=8) + SILENCE)
    assert heard.silent(after(minutes=8) + SILENCE + timedelta(microseconds=1))


def test_a_partition_that_is_new_waits_for_a_horizon_that_names_it():
    heard = Horizons()
    heard.tell(horizon(1, {0: 1}))
    assert heard.reached({0: 1, 1: 0}) == {0: after(minutes=1)}
    heard.tell(horizon(2, {0: 1, 1: 0}))
    assert heard.reached({0: 1, 1: 0}) == {0: after(minutes=2), 1: after(minutes=2)}


def test_of_a_topic_that_was_made_anew_smaller_offsets_count():
    heard = Horizons()
    heard.tell(horizon(1, {0: 900}))
    assert heard.reached({0: 2}) == {}
    heard.tell(horizon(2, {0: 2}))
    assert heard.reached({0: 2}) == {0: after(minutes=2)}


def test_a_reader_far_behind_is_told_more_coarsely_and_in_bounded_memory():
    heard = Horizons()
    for minute in range(10 * KEPT):
        heard.tell(horizon(minute, {0: minute}))
        assert len(heard._told) <= KEPT
    assert heard.reached({0: 10 * KEPT}) == {0: after(minutes=10 * KEPT - 1)}
    for position in range(0, 10 * KEPT, 50):
        known = heard.reached({0: position}).get(0, T0)
        assert known <= after(minutes=position)
    assert heard.reached({0: 9 * KEPT})[0] > after(minutes=8 * KEPT)


def test_horizons_are_thinned_when_they_are_too_many_and_no_sooner():
    heard = Horizons()
    for minute in range(KEPT):
        heard.tell(horizon(minute, {0: minute}))
    assert all(heard.reached({0: p}) == {0: after(minutes=p)} for p in range(KEPT))


def test_every_other_horizon_is_forgotten_where_there_are_too_many():
    heard = Horizons()
    for minute in range(KEPT + 1):
        heard.tell(horizon(minute, {0: minute}))
    known = [heard.reached({0: position})[0] for position in (1, 2, 3, 4, 5, KEPT - 2, KEPT - 1, KEPT)]
    assert known == [after(minutes=minute) for minute in (1, 1, 3, 3, 5, KEPT - 3, KEPT - 1, KEPT)]


def test_a_relay_is_given_five_minutes_and_256_horizons_are_kept():
    assert (timedelta(minutes=5), 256) == (SILENCE, KEPT)


def test_records_long_after_the_last_horizon_are_those_of_a_relay_that_tells_none():
    heard = Horizons()
    assert not heard.silent(T0), "nobody told any before"
    heard.tell(horizon(0, {0: 1}))
    assert not heard.silent(None)
    assert not heard.silent(T0 + SILENCE)
    assert heard.silent(T0 + SILENCE + timedelta(microseconds=1))
    heard.tell(horizon(1, {0: 1}))
    assert not heard.silent(after(minutes=1) + SILENCE), "it is the last that counts"
    heard.tell(horizon(1, {0: 1}, told=3))
    heard.tell(horizon(1, {0: 1}, told=1))
    assert not heard.silent(after(minutes=3) + SILENCE), "who tells the same again still lives"
    heard.forget()
    assert not heard.silent(after(days=9))
