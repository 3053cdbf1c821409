"""How far was read, from what the relay tells and what was handled. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

KEPT = 256
"""So many are remembered while readers lag: 50 seconds of them, and coarser where it is longer."""
SILENCE = timedelta(minutes=5)
"""A relay that tells horizons tells one each second; events that come so long after the last are another relay's."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """All that occurred up to `until` stands below `ends` (by partition); the broker took it down at `told_at`."""

    until: datetime
    ends: Mapping[int, int]
    told_at: datetime


class Horizons:
    """What was told, as far as somebody may still have to read up to it."""

    def __init__(self) -> None:
        self._told: list[Horizon] = []

    def __bool__(self) -> bool:
        """Whether any was told: before that nobody knows what is still to come."""
        return bool(self._told)

    def tell(self, horizon: Horizon) -> None:
        """A horizon, the same one again, or an older one that comes late."""
        if self._told and horizon.until <= self._told[-1].until:
            last = self._told[-1]
            self._told[-1] = replace(last, told_at=max(last.told_at, horizon.told_at))
            return
        if len(self._told) == KEPT:
            del self._told[:-1:2]
        self._told.append(horizon)

    def reached(self, positions: Mapping[int, int]) -> dict[int, datetime]:
        """Up to when partitions were read of which everything below these offsets was handled, where that is known."""
        found = dict[int, datetime]()
        for partition, position in positions.items():
            for horizon in reversed(self._told):
                end = horizon.ends.get(partition)
                if end is not None and end <= position:
                    found[partition] = horizon.until
                    break
        return found

    def silent(self, appended: datetime | None) -> bool:
        """Whether a record that the broker took down then shows that a relay leads which tells no horizons."""
        return appended is not None and bool(self._told) and appended - self._told[-1].told_at > SILENCE

    def forget(self) -> None:
        """As before any was told."""
        self._told.clear()
