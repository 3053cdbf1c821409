"""Moments as whole numbers."""

from datetime import UTC, datetime, timedelta, timezone

from services.trigger.domain.timing.numbered import moment_of, number_of


def test_a_number_is_of_microseconds_since_1970_wherever_the_clock_stands() -> None:
    assert number_of(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert number_of(datetime(2026, 3, 1, 1, 0, 0, 7, tzinfo=timezone(timedelta(hours=1)))) == 1_772_323_200_000_007
    assert moment_of(1_772_323_200_000_007) == datetime(2026, 3, 1, 0, 0, 0, 7, tzinfo=UTC)
