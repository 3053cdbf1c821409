"""A store's days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.console.domain.days import bounds, day_of


@pytest.mark.parametrize(
    ("day", "zone", "since", "hours"),
    [
        (date(2026, 11, 2), "UTC", datetime(2026, 11, 2, tzinfo=UTC), 24),
        (date(2026, 11, 2), "Nowhere/Land", datetime(2026, 11, 2, tzinfo=UTC), 24),
        (date(2026, 11, 2), "Europe/Berlin", datetime(2026, 11, 1, 23, tzinfo=UTC), 24),
        (date(2026, 10, 25), "Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
        (date(2026, 3, 29), "Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
    ],
)
def test_a_day_begins_and_ends_where_the_store_is(day: date, zone: str, since: datetime, hours: int) -> None:
    assert bounds(day, zone) == (since, since + timedelta(hours=hours))
    assert bounds(day, zone)[0].tzinfo is UTC


def test_a_moment_falls_on_the_store_s_day() -> None:
    late = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    assert day_of(late, "Europe/Berlin") == date(2026, 11, 2)
    assert day_of(late, "America/New_York") == day_of(late, "nonsense") == date(2026, 11, 1)
