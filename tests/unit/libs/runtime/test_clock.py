from datetime import UTC, datetime, timedelta

from libs.runtime.clock import steady

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def test_a_steady_clock_starts_where_it_is_told_and_goes_on_by_the_seconds_since() -> None:
    seconds = iter([100.0, 100.0, 101.5, 160.0])
    clock = steady(NOON, lambda: next(seconds))
    assert [clock() - NOON for _ in range(3)] == [timedelta(), timedelta(seconds=1.5), timedelta(minutes=1)]
