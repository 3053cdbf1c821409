"""Keeps the sums of days as the rows are."""

from datetime import timedelta

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.run_every import run_every
from services.console.db import stale_days
from services.console.handlers.recount import recount_all
from services.console.metrics import STALE


class SumsJob:
    """Every few seconds all days that have become stale, one transaction each."""

    def __init__(self, pool: Pool, raw: timedelta, interval_s: float) -> None:
        self._pool, self._raw, self._interval_s = pool, raw, interval_s

    async def run(self) -> None:
        """Counts until cancelled; an outage is waited out."""
        await run_every(self._interval_s, self.round, "sums.failed", FAILURES)

    async def round(self) -> int:
        """Counts what is stale, and what becomes stale by that; how many days it were."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            STALE.labels("days").set(await stale_days.left(connection))
            counted = await recount_all(connection, self._raw)
            STALE.labels("days").set(await stale_days.left(connection))
        return counted
