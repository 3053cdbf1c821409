from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.traffic.schedule import Cut, Schedule, exact_speed, quiet_stretches

HOUR = timedelta(hours=1)
ORIGIN = datetime(2017, 11, 24, 16, 0, 17, tzinfo=UTC)
START = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
SECONDS = st.integers(min_value=0, max_value=100_000_000)


def test_the_trace_begins_at_the_start():
    assert Schedule(ORIGIN, START, 3600).wall(ORIGIN) == START


def test_an_hour_takes_a_second_at_3600():
    assert Schedule(ORIGIN, START, 3600).wall(ORIGIN + HOUR) == START + timedelta(seconds=1)


@given(at=SECONDS, speed=st.sampled_from([1, 60, 3600, 7200, 10_000, 36_000]), hours=st.sampled_from([1, 24, 48]))
def test_an_event_at_the_due_time_of_another_stays_at_it(at, speed, hours):
    schedule = Schedule(ORIGIN, START, speed)
    changed = ORIGIN + timedelta(seconds=at)
    due = schedule.wall(changed) + hours * HOUR / speed
    assert schedule.wall(changed + hours * HOUR) == due


@given(at=SECONDS, speed=st.integers(min_value=1, max_value=999_999))
def test_a_second_more_in_the_trace_is_later_on_the_wall(at, speed):
    schedule = Schedule(ORIGIN, START, speed)
    moment = ORIGIN + timedelta(seconds=at)
    assert schedule.wall(moment) < schedule.wall(moment + timedelta(seconds=1))


@given(at=SECONDS, speed=st.integers(min_value=1, max_value=100_000))
def test_the_way_back_is_within_speed_microseconds(at, speed):
    schedule = Schedule(ORIGIN, START, speed)
    moment = ORIGIN + timedelta(seconds=at)
    missed = moment - schedule.recorded(schedule.wall(moment))
    assert timedelta() <= missed < timedelta(microseconds=speed)


@pytest.mark.parametrize(("wanted", "given"), [(3600, 3600), (1, 1), (7001, 7200), (3599, 3600), (10_000, 10_000)])
def test_the_speed_is_one_that_divides_every_delay(wanted, given):
    assert exact_speed(wanted, [HOUR, 24 * HOUR, 48 * HOUR]) == given


def test_without_delays_any_speed_is_exact():
    assert exact_speed(17, []) == 17


def at(hours: float) -> datetime:
    return ORIGIN + hours * HOUR


def test_a_gap_is_cut_down_to_the_time_in_which_something_may_be_due():
    assert quiet_stretches([at(0), at(1), at(100)], 49 * HOUR, 3600) == (Cut(at(50), 50 * HOUR),)


def test_without_long_gaps_nothing_is_cut():
    assert quiet_stretches([at(0), at(49), at(98)], 49 * HOUR, 3600) == ()


def test_a_cut_is_a_whole_multiple_so_that_ties_stay_ties():
    (cut,) = quiet_stretches([at(0), at(60) + timedelta(microseconds=1)], 49 * HOUR, 7200)
    assert cut.length % timedelta(microseconds=7200) == timedelta()


def test_time_goes_on_behind_a_cut_as_if_it_had_not_been():
    schedule = Schedule(ORIGIN, START, 3600, (Cut(at(50), 50 * HOUR),))
    assert [(schedule.wall(at(hours)) - START).total_seconds() for hours in (50, 60, 100, 101)] == [50, 50, 50, 51]


@given(after=SECONDS, speed=st.sampled_from([60, 3600, 10_000]))
def test_due_times_are_exact_behind_a_cut(after, speed):
    moments = [ORIGIN, ORIGIN + 2000 * HOUR, ORIGIN + 2000 * HOUR + timedelta(seconds=after)]
    schedule = Schedule(ORIGIN, START, speed, quiet_stretches(moments[:2], 49 * HOUR, speed))
    assert schedule.wall(moments[2] + 48 * HOUR) == schedule.wall(moments[2]) + 48 * HOUR / speed


@given(hours=st.sampled_from([0, 1, 49, 120, 400]))
def test_the_way_back_knows_of_cuts(hours):
    schedule = Schedule(ORIGIN, START, 3600, (Cut(at(50), 50 * HOUR), Cut(at(200), 100 * HOUR)))
    missed = at(hours) - schedule.recorded(schedule.wall(at(hours)))
    assert timedelta() <= missed < timedelta(microseconds=3600)
