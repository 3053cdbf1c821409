"""When somebody was sent something last by a channel, while that counts for its cap: on disk, for it is of all who were
sent something in a day.
"""

import sqlite3
from datetime import datetime, timedelta

from services.trigger.domain.timing.numbered import moment_of, number_of

_OFTEN = 4
"""So many times within a cap is forgotten what counts no longer."""


class Sent:
    """By channel and person. What is on disk is of one and a quarter times the cap."""

    def __init__(self, kept: sqlite3.Connection) -> None:
        kept.execute(
            "CREATE TABLE sent (channel TEXT, customer_id TEXT, at INTEGER, PRIMARY KEY (channel, customer_id))"
            " WITHOUT ROWID"
        )
        self._kept = kept
        self._forget_at: dict[str, datetime] = {}

    def note(self, channel: str, customer_id: str, at: datetime, cap: timedelta) -> None:
        """Something goes out then, which counts for so long; times go on."""
        forget_at = self._forget_at.get(channel)
        if forget_at is None or at >= forget_at:
            self._forget_at[channel] = at + cap / _OFTEN
            before = number_of(at - cap)
            self._kept.execute("DELETE FROM sent WHERE channel = ? AND at < ?", (channel, before))
        self._kept.execute("INSERT OR REPLACE INTO sent VALUES (?, ?, ?)", (channel, customer_id, number_of(at)))

    def last(self, channel: str, customer_id: str) -> datetime | None:
        """When that was, if it is known."""
        key = (channel, customer_id)
        found = self._kept.execute("SELECT at FROM sent WHERE channel = ? AND customer_id = ?", key).fetchone()
        return moment_of(found[0]) if found is not None else None

    def __len__(self) -> int:
        (number,) = self._kept.execute("SELECT count(*) FROM sent").fetchone()
        return int(number)
