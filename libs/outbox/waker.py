"""Tells the relay that there is something to send, once for many commits."""

import asyncio

import structlog

from libs.outbox.store import WAKE
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Pool

log = structlog.get_logger(__name__)

SPACING_S = 0.003


class Waker:
    """Coalesces wake-ups: pg_notify in every transaction would cost most of the throughput (its lock is global).

    A lost wake-up costs the relay's poll interval, never an event.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool, self._due = pool, asyncio.Event()

    def touch(self) -> None:
        """Something was committed to the outbox."""
        self._due.set()

    async def run(self) -> None:
        """Notifies at most once per spacing, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._pool.execute(WAKE)
            except FAILURES as error:
                log.warning("outbox.wake_failed", error=type(error).__name__)
            await asyncio.sleep(SPACING_S)
