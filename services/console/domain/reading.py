"""How far the console is behind what happens, topic by topic. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.console.domain.faults import Fault
from services.console.domain.pulse import GOOD, SLOW, SLOW_S, STUCK, STUCK_S

MEASURED_EVERY = timedelta(seconds=10)
PROCESS = "console"


@dataclass(frozen=True, slots=True)
class Reading:
    """A topic: how many records wait, when the newest one was made that was read (None: none yet), and when that was
    measured of the partition of which it is known least.
    """

    topic: str
    unread: int
    newest_at: datetime | None
    measured_at: datetime

    def behind(self, now: datetime) -> timedelta:
        """For how long what waits has been waiting at the most; nothing where all is read. Where nobody measures any
        more, nobody reads either.
        """
        unmeasured = now - self.measured_at
        late = unmeasured if unmeasured >= timedelta(seconds=SLOW_S) else timedelta()
        return max(late, now - self.newest_at) if self.unread and self.newest_at else late

    def state(self, now: datetime) -> str:
        """Good, warn or bad, by the bounds of every process."""
        seconds = self.behind(now).total_seconds()
        return STUCK if seconds > STUCK_S else SLOW if seconds > SLOW_S else GOOD


def stuck(readings: Iterable[Reading], now: datetime) -> list[Fault]:
    """Topics that are read too late: what the figures say is not of now."""
    return [
        Fault("lag", "", f"{PROCESS} {one.topic}", one.behind(now).total_seconds())
        for one in readings
        if one.state(now) == STUCK
    ]
