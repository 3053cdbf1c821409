"""One moment on its way to being a horizon. Pure: what was seen of the database in, a claim out."""

from datetime import datetime


class Mark:
    """A moment of the database's clock, up to which all that was committed is to be published.

    A row is dated, and its number drawn, under the outbox's lock. So once everybody who held that lock when it was
    looked at, after the moment, has ended, whatever is dated up to the moment shows or never will, and its number is
    none above the last that was drawn by then.
    """

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._writing = frozenset[str]()
        self._drawn: int | None = None

    @property
    def pending(self) -> bool:
        """Whether a moment was begun and is not told yet."""
        return self._at is not None

    @property
    def unsettled(self) -> bool:
        """Whether somebody still writes who wrote at that moment."""
        return self.pending and self._drawn is None

    def begin(self, at: datetime, writing: frozenset[str], drawn: int) -> None:
        """A moment, then who wrote, then the last number drawn: to be asked in this order."""
        self._at, self._writing = at, writing
        self._drawn = None if writing else drawn

    def looked(self, writing: frozenset[str], drawn: int) -> None:
        """Who writes now, then the last number drawn: to be asked in this order."""
        if not self._writing & writing:
            self._drawn = drawn

    def published(self, last: int | None) -> datetime | None:
        """What a read that began after the last look has shown is published, up to the number `last`, or all (None).

        Returns the moment if all up to it is, which ends it.
        """
        if self._drawn is None or (last is not None and last < self._drawn):
            return None
        at, self._at, self._drawn = self._at, None, None
        return at
