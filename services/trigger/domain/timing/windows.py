"""Times of day and days of the week at which a step may go out, in a time zone. Pure.

A local time that a change of the clocks leaves out is the first instant after the gap; of one that comes twice the
first is meant.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from libs.runtime.zones import zone_names
from services.trigger.domain.strict import Strict

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


RECIPIENT = "recipient"
"""Instead of a zone: that of the recipient, and where it is not known that of the file."""


def _zone(name: str) -> str:
    if name not in zone_names():
        raise ValueError("not a time zone of the IANA database, such as Europe/Warsaw")
    return name


def _clock(value: Any) -> time:  # noqa: ANN401 - pydantic hands in whatever the file holds
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError('write a time of day in quotes, such as "09:00"')
    return time.fromisoformat(value)


def _weekdays(value: Any) -> frozenset[int]:  # noqa: ANN401 - pydantic hands in whatever the file holds
    """`mon-fri`, `sat`, or a list of both; a range may pass the end of the week."""
    if isinstance(value, frozenset):
        return value
    found = set[int]()
    for part in value if isinstance(value, list) else [value]:
        first, dash, last = str(part).partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError("write days such as mon-fri, sat, or a list of them")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found |= {(start + number) % 7 for number in range((end - start) % 7 + 1)}
    if not found:
        raise ValueError("name a day at least")
    return frozenset(found)


Zone = Annotated[str, AfterValidator(_zone)]
"""A time zone by its IANA name."""
_ZoneOrRecipient = Annotated[str, AfterValidator(lambda name: name if name == RECIPIENT else _zone(name))]
_Clock = Annotated[
    time, BeforeValidator(_clock), PlainSerializer(lambda clock: f"{clock:%H:%M}", str, when_used="json")
]
_Weekdays = Annotated[
    frozenset[int],
    BeforeValidator(_weekdays),
    PlainSerializer(lambda days: [DAYS[day] for day in sorted(days)], list[str], when_used="json"),
]


class Window(Strict):
    """From when to when, local time, and on which days; one that ends before it starts goes on past midnight.

    `days` are those on which it opens, 0 is Monday. Where no zone is named it is the file's; `recipient` is that of the
    recipient, and `elsewhere` counts where it is not known.
    """

    between: tuple[_Clock, _Clock] = (time(0), time(0))
    days: _Weekdays = frozenset(range(7))
    zone: _ZoneOrRecipient | None = Field(default=None)
    elsewhere: Zone | None = Field(default=None, exclude_if=lambda zone: zone is None)

    @model_validator(mode="after")
    def _is_limited(self) -> "Window":
        start, end = self.between
        if start == end != time(0):
            raise ValueError("between starts when it ends")
        if self.elsewhere is not None and not self.of_recipient:
            raise ValueError(f"elsewhere goes with zone: {RECIPIENT}")
        return self

    @property
    def of_recipient(self) -> bool:
        """Whether it opens where the recipient is."""
        return self.zone == RECIPIENT

    def in_zone(self, zone: str | None) -> Self:
        """The window in a zone where it names none. Raises `ValueError` where neither does."""
        missing = self.elsewhere if self.of_recipient else self.zone
        if missing is not None:
            return self
        if zone is None and self.of_recipient:
            raise ValueError("where the zone of a recipient is not known, that of the file counts: give it a timezone")
        if zone is None:
            raise ValueError("the window of a step needs a zone, or the file a timezone")
        return self.model_copy(update={"elsewhere" if self.of_recipient else "zone": zone})

    def open_from(self, at: datetime, of_recipient: str | None = None) -> tuple[datetime, datetime | None]:
        """The first moment from `at` on at which it is open, and when it closes then (both aware, UTC).

        `of_recipient` is the recipient's zone, where it is known. Days that follow each other without a break are one
        window: it closes after the last of them, and where there is none never (None).
        """
        name = (of_recipient or self.elsewhere) if self.of_recipient else self.zone
        assert name is not None, "the file has given it one"
        zone = ZoneInfo(name)
        spans = self._spans(at.astimezone(zone).date() - _DAY, zone)
        opens, closes = next(span for span in spans if span[1] > at and span[1] > span[0])
        return max(at.astimezone(UTC), opens), _closes_with(closes, spans)

    def _spans(self, first: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        start, end = self.between
        days = (first + number * _DAY for number in count())
        return (
            (instant(day, start, zone), instant(day if start < end else day + _DAY, end, zone))
            for day in days
            if day.weekday() in self.days
        )


def _closes_with(closes: datetime, following: Iterator[tuple[datetime, datetime]]) -> datetime | None:
    """When those that go on where one closes have closed as well, None where a week later none has."""
    for opens, ends in islice(following, len(DAYS)):
        if opens > closes:
            return closes
        closes = ends
    return None


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which clocks of the zone show a time on a day."""
    local = datetime.combine(day, clock, zone)
    before, after = _offset(local.replace(fold=0)), _offset(local.replace(fold=1))
    if before >= after:  # there is such a moment, or two of them
        return local.astimezone(UTC)
    wall = datetime.combine(day, clock, UTC)
    return _change(wall - after, wall - before, zone)


def _offset(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None, "it has a zone"
    return offset


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second between two moments from which the zone's clocks go as they do after it."""
    new = _offset(after.astimezone(zone))
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (before, middle) if _offset(middle.astimezone(zone)) == new else (middle, after)
    return after
