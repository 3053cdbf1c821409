"""Up to which id no row is and none will come: where reading may begin.

Without it every look steps over all rows that were deleted since somebody's transaction has been open, 0.9 s a million.
The outbox's own horizon: only transactions that write to it count, by their locks, and it is never more than a start.
"""

from libs.outbox.store import DRAWN, WRITERS
from libs.postgres.pool import Connection


class Floor:
    """Of one session: another one may lead to another server, whose numbers may have gone back.

    A number is drawn under the table's lock. So what was drawn when `note` looked is settled once every transaction
    that held the lock then, asked after the number, has ended: it shows, or it never will.
    """

    def __init__(self) -> None:
        self.id = 0
        self._drawn, self._by = 0, frozenset[str]()
        self._settled = 0

    async def note(self, connection: Connection) -> None:
        """Looks who writes; to be done every few seconds."""
        drawn = await connection.fetchval(DRAWN)  # before the locks: whoever takes one later draws a higher number
        writing = frozenset(row["virtualtransaction"] for row in await connection.fetch(WRITERS))
        self.noted(drawn, writing)

    def noted(self, drawn: int, writing: frozenset[str]) -> None:
        """What `note` saw."""
        if self._by & writing:
            return
        self._settled = self._drawn
        self._drawn, self._by = drawn, writing

    def saw(self, first: int | None) -> None:
        """The lowest id, or that there is none, in a read that began after the last `note` had ended."""
        settled = self._settled if first is None else min(self._settled, first - 1)
        self.id = max(self.id, settled)
