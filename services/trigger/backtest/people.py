"""How many people something is about, each counted once, whatever their number: what is not in hand is on disk."""

import sqlite3

from libs.files.scratch import scratch

_IN_HAND = 10_000


class People:
    """A set of ids that is only counted."""

    def __init__(self) -> None:
        self._new: set[str] = set()
        self._kept: sqlite3.Connection | None = None

    def add(self, who: str) -> None:
        """Somebody, maybe again."""
        self._new.add(who)
        if len(self._new) >= _IN_HAND:
            self._keep()

    def __len__(self) -> int:
        if self._kept is None:
            return len(self._new)
        self._keep()
        (number,) = self._kept.execute("SELECT count(*) FROM people").fetchone()
        return int(number)

    def _keep(self) -> None:
        if self._kept is None:
            self._kept = scratch()
            self._kept.execute("CREATE TABLE people (who TEXT PRIMARY KEY) WITHOUT ROWID")
        with self._kept:
            self._kept.executemany("INSERT OR IGNORE INTO people VALUES (?)", ((one,) for one in sorted(self._new)))
        self._new.clear()
