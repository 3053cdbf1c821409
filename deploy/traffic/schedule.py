"""Maps recorded time onto the wall clock, exact to the microsecond: ties in the trace are ties in the replay."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The trace begins at `origin` and is replayed from `start` on, `speed` times as fast."""

    origin: datetime
    start: datetime
    speed: int

    def wall(self, moment: datetime) -> datetime:
        """When `moment` of the trace is replayed.

        Rounded down: two moments that lie a whole multiple of `speed` microseconds apart stay exactly that multiple
        apart, which is what makes a delay divided by `speed` end at the same instant as an event of the trace.
        """
        return self.start + timedelta(microseconds=(moment - self.origin) // MICROSECOND // self.speed)

    def recorded(self, wall: datetime) -> datetime:
        """The moment of the trace that is replayed at `wall`, to within `speed` microseconds."""
        return self.origin + (wall - self.start) * self.speed


def exact_speed(wanted: int, durations: Iterable[timedelta]) -> int:
    """The speed nearest to `wanted` that divides every duration into whole microseconds. `wanted` is at least 1."""
    common = math.gcd(*(d // MICROSECOND for d in durations))
    if common == 0:
        return wanted
    divisors = (d for n in range(1, math.isqrt(common) + 1) if common % n == 0 for d in (n, common // n))
    return min(divisors, key=lambda d: (abs(d - wanted), d))
