"""Moments as whole numbers, for what is kept of many of them, or sent: exact to the microsecond. Pure."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def number_of(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


@lru_cache(16)
def moment_of(number: int) -> datetime:
    """The moment (UTC) of that number: much of what is told is of one moment, and whoever keeps it keeps it once."""
    return _EPOCH + timedelta(microseconds=number)
