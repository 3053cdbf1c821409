"""A gauge of how long something has been waiting, which goes on where nobody can measure it any more."""

import time
from collections.abc import Callable

from prometheus_client import Gauge


class Age:
    """Seconds that were measured, and those since: an outage of what is asked must not stop the alarm that tells of it.

    Before the first measurement the gauge tells nothing, for a 0 of a process that never measures hides one that is
    dead: `gauge` has one label, and `name` is its value. What was 0 stays 0, for then nothing waits.
    """

    def __init__(self, gauge: Gauge, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._gauge, self._name, self._monotonic = gauge, name, monotonic
        self._seconds, self._measured_at = 0.0, 0.0

    def measured(self, seconds: float) -> None:
        """So long it was a moment ago."""
        self._seconds, self._measured_at = seconds, self._monotonic()
        self._gauge.labels(self._name).set_function(self.seconds)

    def seconds(self) -> float:
        """How long it is now, as far as is known."""
        return self._seconds + self._monotonic() - self._measured_at if self._seconds > 0 else self._seconds
