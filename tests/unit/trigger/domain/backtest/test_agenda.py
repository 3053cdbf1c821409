"""What is ahead comes out in order of time, however it was put in."""

from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger.domain.carts import CartState
from services.trigger.domain.episodes import Ahead
from services.trigger.domain.stock_levels import Crossing
from services.trigger.domain.traced.agenda import Agenda
from services.trigger.domain.traced.episodes import TracedEpisode

START = datetime(2026, 3, 14, 12, tzinfo=UTC)


def steps(*delays: int) -> tuple[Ahead, ...]:
    return tuple(Ahead(cast("Any", None), timedelta(minutes=delay), timedelta(hours=6)) for delay in delays)


TWO, OTHER = steps(5, 9), steps(2, 9)


def episode(quiet: int, order: int, ahead: tuple[Ahead, ...] = TWO) -> TracedEpisode:
    state = cast("CartState", _State(START + timedelta(minutes=quiet)))
    return TracedEpisode(state, ahead, order)


class _State:
    def __init__(self, quiet_since: datetime) -> None:
        self.quiet_since = quiet_since


def taken(agenda: Agenda) -> list[tuple[datetime, int]]:
    found = []
    while agenda.begins is not None:
        at, order, _ = agenda.take()
        found.append((at, order))
    return found


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([TWO, OTHER, None]), st.integers(0, 3)), max_size=60))
def test_it_is_a_heap_of_due_times(put: list[tuple[int, tuple[Ahead, ...] | None, int]]) -> None:
    """Episodes that come in any order of time, other things, and some taken out between, each step after the other."""
    agenda, heap = Agenda(), list[tuple[datetime, int]]()
    known: dict[int, TracedEpisode] = {}

    def take() -> None:
        at, order, what = agenda.take()
        assert (at, order) == heappop(heap)
        if isinstance(what, TracedEpisode):
            assert what is known[order]
            what.done += 1
            if what.done < len(what.steps):
                agenda.put_step(what)
                heappush(heap, (what.due_at, order))

    for order, (minutes, ahead, takes) in enumerate(put):
        if ahead is None:
            at = START + timedelta(minutes=minutes)
            agenda.put(at, order, cast("Crossing", object()))
            heappush(heap, (at, order))
        else:
            known[order] = episode(minutes, order, ahead)
            agenda.put_step(known[order])
            heappush(heap, (known[order].due_at, order))
        for _ in range(min(takes, len(heap))):
            take()
    while heap:
        take()
    assert agenda.begins is None


def test_nothing_is_ahead_at_first() -> None:
    agenda = Agenda()
    assert agenda.begins is None
    with pytest.raises(IndexError):
        agenda.take()


def test_it_begins_with_what_is_due_first() -> None:
    agenda = Agenda()
    for order, quiet in enumerate((4, 1, 9)):
        agenda.put(START + timedelta(minutes=quiet), order, cast("Crossing", object()))
    assert agenda.begins == START + timedelta(minutes=1)


def test_of_carts_that_are_planned_alike_one_is_sorted() -> None:
    agenda = Agenda()
    for order in range(50):
        agenda.put_step(episode(order // 2, order))
    assert len(agenda._sorted) == 1, "the others stand behind it"
    assert taken(agenda) == [(START + timedelta(minutes=5 + order // 2), order) for order in range(50)]
    agenda.put_step(episode(0, 50))
    agenda.put_step(episode(1, 51))
    assert len(agenda._sorted) == 1, "a lane that was empty is used again"


@pytest.mark.parametrize(("quiet", "order", "apart"), [(3, 9, 1), (3, 7, 2), (2, 9, 2), (4, 7, 1)])
def test_who_would_stand_before_the_last_of_a_lane_is_sorted_apart(quiet: int, order: int, apart: int) -> None:
    agenda = Agenda()
    agenda.put_step(episode(3, 8))
    agenda.put_step(episode(quiet, order))
    assert len(agenda._sorted) == apart
    assert taken(agenda) == sorted((START + timedelta(minutes=5 + q), o) for q, o in [(3, 8), (quiet, order)])


def test_each_step_of_carts_that_are_planned_alike_has_a_lane() -> None:
    agenda = Agenda()
    first, second = episode(0, 0), episode(10, 1)
    first.done = 1
    agenda.put_step(first)
    agenda.put_step(second)
    assert len(agenda._sorted) == 2
    assert taken(agenda) == [(START + timedelta(minutes=9), 0), (START + timedelta(minutes=15), 1)]


def test_carts_of_which_each_is_planned_otherwise_make_256_lanes_and_no_more() -> None:
    agenda = Agenda()
    plans = [steps(5, 9 + n) for n in range(276)]
    for order, ahead in enumerate(plans):
        agenda.put_step(episode(order, order, ahead))
    assert len(agenda._lanes) == 256
    assert [order for _, order in taken(agenda)] == list(range(len(plans)))


def test_an_episode_says_when_its_step_is_due() -> None:
    assert episode(1, 0).due_at == START + timedelta(minutes=6)
