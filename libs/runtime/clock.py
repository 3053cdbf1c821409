"""Time is an argument: code takes a `Clock`, tests hand in their own."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment, aware, UTC."""


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def steady(start: datetime, seconds: Callable[[], float] = time.monotonic) -> Clock:
    """A clock that shows `start` now and goes on evenly: nobody who sets the machine's clock makes it jump."""
    began = seconds()
    return lambda: start + timedelta(seconds=seconds() - began)
