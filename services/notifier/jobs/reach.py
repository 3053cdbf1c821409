"""Tells of customers whose reach was never told, or was changed by a release that does not tell it."""

from libs.erasure.store import Person
from libs.outbox.waker import Waker
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.run_every import run_every
from services.notifier.db import reach
from services.notifier.handlers.reach import tell_reach

INTERVAL_S = 6 * 3600.0
PAGE = 500


class ReachJob:
    """A walk through all contacts at the start and each interval; reads alone, where all has been told."""

    def __init__(self, pool: Pool, waker: Waker, clock: Clock) -> None:
        self._pool, self._waker, self._clock = pool, waker, clock

    async def run(self) -> None:
        """Walks until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "reach.failed", FAILURES)

    async def round(self) -> int:
        """One walk; returns of how many it told."""
        place: Person | None = ("", "")
        told = 0
        while place is not None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
                place, stale = await reach.page(connection, place, PAGE)
                await tell_reach(connection, stale, self._clock())
            told += len(stale)
        if told:
            self._waker.touch()
        return told
