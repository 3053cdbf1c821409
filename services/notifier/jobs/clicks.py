"""Tells of clicks once it is known whether they were a person's, and forgets what told it."""

from datetime import timedelta

from libs.outbox.waker import Waker
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.run_every import run_every
from services.notifier.db import link_visits
from services.notifier.handlers.clicks import BATCH, tell_held

INTERVAL_S = 2.0
REMEMBERED = timedelta(hours=1)
"""A provider tells of a click some time after it was made: so long it is known what else was asked for then."""


class ClicksJob:
    """A round each two seconds; of several processes each takes what the others have not."""

    def __init__(self, pool: Pool, waker: Waker, clock: Clock) -> None:
        self._pool, self._waker, self._clock = pool, waker, clock

    async def run(self) -> None:
        """Tells until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "clicks.failed", FAILURES)

    async def round(self) -> int:
        """One round; returns how many clicks were told."""
        told, found = 0, BATCH
        while found == BATCH:
            found = await tell_held(self._pool, self._clock())
            told += found
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await link_visits.forget(connection, REMEMBERED, BATCH)
        if told:
            self._waker.touch()
        return told
