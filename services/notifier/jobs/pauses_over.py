"""Tells that recipients can be reached again whose pause is over, within seconds of its end."""

from datetime import timedelta

from libs.outbox.waker import Waker
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.run_every import run_every
from services.notifier.db import preferences
from services.notifier.handlers.reach import tell_reach_of_neighbours

INTERVAL_S = 10.0
PAGE = 200
SETTLED = timedelta(seconds=1)
"""The database's clock says whether a pause holds back: it is over there, too, when we say so."""
OF_CUSTOMER = "customer:"


class PausesOver:
    """A round each interval: a step through an index where no pause has ended. Ended and told is one commit."""

    def __init__(self, pool: Pool, waker: Waker, clock: Clock) -> None:
        self._pool, self._waker, self._clock = pool, waker, clock

    async def run(self) -> None:
        """Ends pauses until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "pauses_over.failed", FAILURES)

    async def round(self) -> int:
        """Ends all that are over; returns how many, each channel and subject counted."""
        ended, found = 0, PAGE
        while found == PAGE:
            found = await self._end_page()
            ended += found
        if ended:
            self._waker.touch()
        return ended

    async def _end_page(self) -> int:
        now = self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            over = await preferences.end_pauses(connection, now - SETTLED, PAGE)
            # who has the address alone, and no name that paused, is told of with the round over all contacts
            for store_id, channel, subject in sorted(over):
                if subject.startswith(OF_CUSTOMER):
                    customer_id = subject.removeprefix(OF_CUSTOMER)
                    await tell_reach_of_neighbours(connection, store_id, customer_id, channel, now)
        return len(over)
