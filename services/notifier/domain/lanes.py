"""Lanes: each store and channel, and so each store's provider, has its own share of what is in flight. Pure.

A lane whose provider fails again and again, or hangs, is shut: its messages wait, and one at a time is tried. Nobody
else waits for it. All times are seconds of one steady clock.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Key = tuple[str, str]
"""A store and a channel."""

FAILURES_MOST: Final = 5
"""So many failures in a row shut a lane."""
PAUSE_FIRST_S: Final = 10.0
PAUSE_MOST_S: Final = 300.0
HANGS_S: Final = 15.0
"""A delivery that takes longer no longer counts among those that the process may have under way."""


@dataclass(slots=True)
class _Lane:
    running: dict[object, float] = field(default_factory=dict)
    """Since when each delivery is under way."""
    failures: int = 0
    pause_s: float = 0
    shut_until: float = -math.inf

    def hanging(self, now: float) -> int:
        return sum(now - since > HANGS_S for since in self.running.values())


class Lanes:
    """`share` deliveries at once in a lane, `total` in all of them, those that hang aside."""

    def __init__(self, share: int, total: int) -> None:
        self.share, self._total = share, total
        self._lanes: dict[Key, _Lane] = {}

    def free(self, now: float) -> int:
        """How many deliveries may be taken up, of all lanes together."""
        busy = sum(len(lane.running) - lane.hanging(now) for lane in self._lanes.values())
        return self._total - busy

    def places(self, now: float) -> Mapping[Key, int]:
        """How many may be taken up in each lane that is in use; in any other there are `share`.

        Half of them at once: to take up one for each that ends would cost as much as the rest of a delivery, and what
        begins together is asked for and written together.
        """
        return {key: self._places(lane, now) for key, lane in self._lanes.items()}

    def shut(self, now: float) -> set[Key]:
        """The lanes that are tried with one delivery at a time, or not at all yet."""
        return {key for key, lane in self._lanes.items() if self._is_shut(lane, now)}

    def began(self, key: Key, delivery: object, now: float) -> None:
        """A delivery is under way."""
        self._lanes.setdefault(key, _Lane()).running[delivery] = now

    def ended(self, key: Key, delivery: object, now: float, *, works: bool | None) -> None:
        """A delivery is over; `works` is whether its provider does, None where that was not seen."""
        lane = self._lanes[key]
        del lane.running[delivery]
        if works:
            lane.failures, lane.pause_s, lane.shut_until = 0, 0, now
        elif works is False:
            lane.failures += 1
            if lane.failures >= FAILURES_MOST and now >= lane.shut_until:
                lane.pause_s = min(PAUSE_MOST_S, lane.pause_s * 2 or PAUSE_FIRST_S)
                lane.shut_until = now + lane.pause_s
        if not lane.running and not lane.failures:
            del self._lanes[key]

    def _places(self, lane: _Lane, now: float) -> int:
        if self._is_shut(lane, now):
            fresh = len(lane.running) - lane.hanging(now)
            return int(now >= lane.shut_until and not fresh and len(lane.running) < 2 * self.share)
        left = self.share - len(lane.running)
        return left if left >= self.share // 2 else 0

    def _is_shut(self, lane: _Lane, now: float) -> bool:
        return lane.failures >= FAILURES_MOST or lane.hanging(now) >= max(1, self.share // 2)
