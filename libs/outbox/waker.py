"""Tells the relay that there is something to send, or others of something else, once for many commits."""

import asyncio

from libs.outbox.store import CHANNEL, WAKE
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Pool
from libs.runtime.run_every import run_when

SPACING_S = 0.003


class Waker:
    """Coalesces wake-ups: pg_notify in every transaction would cost most of the throughput (its lock is global).

    A lost wake-up costs the relay's poll interval, never an event.
    """

    def __init__(self, pool: Pool, channel: str = CHANNEL) -> None:
        self._pool, self._channel, self._due = pool, channel, asyncio.Event()

    def touch(self) -> None:
        """Something was committed to the outbox, or for whoever listens on the channel."""
        self._due.set()

    async def run(self) -> None:
        """Notifies at most once per spacing, until cancelled."""
        await run_when(self._due, SPACING_S, self._wake, "outbox.wake_failed", FAILURES)

    async def _wake(self) -> None:
        await self._pool.execute(WAKE, self._channel)
