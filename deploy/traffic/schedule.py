"""Maps recorded time onto the wall clock, exact to the microsecond: ties in the trace are ties in the replay."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the trace that is left out: `length` from `since` on."""

    since: datetime
    length: timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """The trace begins at `origin` and is replayed from `start` on, `speed` times as fast, without the `cuts`."""

    origin: datetime
    start: datetime
    speed: int
    cuts: tuple[Cut, ...] = ()

    def wall(self, moment: datetime) -> datetime:
        """When `moment` of the trace is replayed.

        Rounded down: two moments that lie a whole multiple of `speed` microseconds apart stay exactly that multiple
        apart, which is what makes a delay divided by `speed` end at the same instant as an event of the trace.
        """
        replayed = moment - self.origin - sum((_within(cut, moment) for cut in self.cuts), timedelta())
        return self.start + timedelta(microseconds=replayed // MICROSECOND // self.speed)

    def recorded(self, wall: datetime) -> datetime:
        """The moment of the trace that is replayed at `wall`, to within `speed` microseconds."""
        moment = self.origin + (wall - self.start) * self.speed
        for cut in self.cuts:
            if moment > cut.since:
                moment += cut.length
        return moment


def _within(cut: Cut, moment: datetime) -> timedelta:
    """How much of a cut lies before `moment`."""
    return min(max(moment - cut.since, timedelta()), cut.length)


def quiet_stretches(moments: Iterable[datetime], longest: timedelta, speed: int) -> tuple[Cut, ...]:
    """What can be left out without changing a decision: time in which nothing happens and nothing can be due.

    `moments` are those of the trace in order, `longest` is how long after one of them something may be due. A cut is
    a whole multiple of `speed` microseconds, so that the rest stays exact.
    """
    grain = MICROSECOND * speed
    gaps = ((before + longest, after - before - longest) for before, after in pairwise(moments))
    cuts = (Cut(since, gap // grain * grain) for since, gap in gaps if gap > timedelta())
    return tuple(cut for cut in cuts if cut.length)


def exact_speed(wanted: int, durations: Iterable[timedelta]) -> int:
    """The speed nearest to `wanted` that divides every duration into whole microseconds. `wanted` is at least 1."""
    common = math.gcd(*(d // MICROSECOND for d in durations))
    if common == 0:
        return wanted
    divisors = (d for n in range(1, math.isqrt(common) + 1) if common % n == 0 for d in (n, common // n))
    return min(divisors, key=lambda d: (abs(d - wanted), d))
