"""Durations as people write them."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from services.trigger.domain.timing.durations import Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30s", timedelta(seconds=30)),
        ("1h", timedelta(hours=1)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("0.72s", timedelta(milliseconds=720)),
        ("720ms", timedelta(milliseconds=720)),
        ("17us", timedelta(microseconds=17)),
        (" 5m ", timedelta(minutes=5)),
        ("PT1H", timedelta(hours=1)),
        ("P1DT2H", timedelta(hours=26)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("P2W", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_read_to_the_microsecond(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "1", "h", "1 h", "-1h", "1x", "1e3s", "P", "PT", "P1M", "1h-5m", "500d", "٣s" + "x"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


def test_the_longest_duration_is_a_leap_year() -> None:
    assert parse_duration("366d") == timedelta(days=366)
    with pytest.raises(ValueError, match="at most 366 days"):
        parse_duration("8784h1us")


@pytest.mark.parametrize("value", [60, 1.5, None, True, ["1h"]])
def test_a_bare_number_has_no_unit_and_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="unit"):
        TypeAdapter(Duration).validate_python(value)
