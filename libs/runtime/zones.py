"""Time zones by the names of the IANA database."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zone_names() -> frozenset[str]:
    """All names; the folders of the database are read once."""
    return frozenset(available_timezones())
