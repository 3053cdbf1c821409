from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.traffic.schedule import Schedule, exact_speed

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
