"""A store's days, which begin and end where the store is. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from libs.runtime.zones import zone_named


def bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """From when to when a day lasts in a zone; one that nobody knows is taken for UTC."""
    zone = zone_named(time_zone) or UTC
    return tuple(datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))  # type: ignore[return-value]


def day_of(at: datetime, time_zone: str) -> date:
    """The day in a zone on which a moment falls."""
    return at.astimezone(zone_named(time_zone) or UTC).date()
