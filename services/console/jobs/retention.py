"""Removes what is older than it may get."""

from datetime import timedelta

from libs.erasure import store as erasure
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.run_every import run_every
from services.console.db import audit, retention, template_drafts

INTERVAL_S = 600.0
BATCH = 500
KEEP_ERASED = timedelta(days=40)
"""Longer than any topic may hold something that is about somebody who was erased."""
KEEP_AUDIT = timedelta(days=730)
KEEP_DRAFTS = timedelta(days=30)


class RetentionJob:
    """A round each interval, batch by batch; what somebody holds is passed over until the next one."""

    def __init__(self, pool: Pool, raw: timedelta, clock: Clock) -> None:
        self._pool, self._raw, self._clock = pool, raw, clock

    async def run(self) -> None:
        """Keeps house until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "retention.failed", FAILURES)

    async def round(self) -> None:
        """One round over all stores."""
        now = self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            while await retention.old_rows(connection, now - self._raw, BATCH) == BATCH:
                pass
            await erasure.forget(connection, now - KEEP_ERASED)
            await audit.thin(connection, now - KEEP_AUDIT)
            await template_drafts.drop_old(connection, now - KEEP_DRAFTS, BATCH)
