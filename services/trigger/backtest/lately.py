"""What was so lately, of things of which there may be millions. Pure."""

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta


class Lately:
    """What was noted within a time, and at most within twice that: of each its hash alone is kept (two of a million
    share one once in 30 million traces), and they are forgotten all at once.
    """

    def __init__(self, within: timedelta) -> None:
        self._within, self._since = within, datetime.min.replace(tzinfo=UTC)
        self._now, self._before = set[int](), set[int]()

    def note(self, one: Hashable, at: datetime) -> None:
        """Notes it; times go on."""
        if at - self._since > self._within:
            self._before, self._now, self._since = self._now, set(), at
        self._now.add(hash(one))

    def __contains__(self, one: Hashable) -> bool:
        return hash(one) in self._now or hash(one) in self._before

    def __len__(self) -> int:
        return len(self._now) + len(self._before)
