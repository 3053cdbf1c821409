"""Durations as people write them: `1h`, `1h30m`, `720ms`, `2d`, or ISO 8601 (`PT1H`)."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

_UNITS_US = {
    "w": 7 * 86_400_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|[wdhms])")
_SHORT = re.compile(rf"(?:{_PART.pattern})+")
_ISO = re.compile(r"P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?")
_LONGEST_US = 366 * _UNITS_US["d"]


def parse_duration(text: str) -> timedelta:
    """The duration that `text` names, to the microsecond. Raises `ValueError` for anything else or over a year."""
    text = text.strip()
    if _SHORT.fullmatch(text):
        parts = [(number, unit) for number, unit in _PART.findall(text)]
    elif (iso := _ISO.fullmatch(text)) and (found := {u: n for u, n in iso.groupdict().items() if n}):
        parts = [(number, unit) for unit, number in found.items()]
    else:
        raise ValueError("write a duration such as 30s, 1h, 1h30m, 2d or PT1H")
    microseconds = sum(Decimal(number) * _UNITS_US[unit] for number, unit in parts)
    if microseconds > _LONGEST_US:
        raise ValueError("a duration is at most 366 days")
    return timedelta(microseconds=round(microseconds))


def _read(value: Any) -> Any:  # noqa: ANN401 - pydantic hands in whatever the file holds
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, timedelta):
        return value
    raise ValueError("write a duration with its unit, such as 30s, 1h, 1h30m, 2d or PT1H")


Duration = Annotated[timedelta, BeforeValidator(_read)]
