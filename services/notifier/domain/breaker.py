"""A breaker: what failed again and again is left alone for a while, and then tried once. Pure.

It is asked before one provider of several is used for one store. All times are seconds of one steady clock.
"""

import math

from services.notifier.domain.lanes import FAILURES_MOST, PAUSE_FIRST_S, PAUSE_MOST_S


class Breaker:
    """Open, shut, or shut and tried by one message at this moment."""

    def __init__(self) -> None:
        self._failures, self._pause_s, self._shut_until = 0, 0.0, -math.inf
        self._trying = False

    @property
    def shut(self) -> bool:
        """Whether so many have failed in a row that it is tried with one message at a time."""
        return self._failures >= FAILURES_MOST

    def lets(self, now: float) -> bool:
        """Whether a message may be tried by it; where it is shut, whoever is let is the one who tries, until `told`."""
        if not self.shut:
            return True
        if self._trying or now < self._shut_until:
            return False
        self._trying = True
        return True

    def told(self, now: float, *, works: bool | None) -> None:
        """What a message that was let has shown; None where it has shown nothing."""
        self._trying = False
        if works:
            self._failures, self._pause_s = 0, 0.0
        elif works is False:
            self._failures += 1
            if self.shut and now >= self._shut_until:
                self._pause_s = min(PAUSE_MOST_S, self._pause_s * 2 or PAUSE_FIRST_S)
                self._shut_until = now + self._pause_s
