"""Keeps a process's keys as the database has them."""

import asyncio

import structlog

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, FAILURES, Pool
from libs.runtime.clock import Clock, utc_now
from services.cart.db import api_keys
from services.cart.keyring import Keyring

log = structlog.get_logger(__name__)

INTERVAL_S = 2.0
"""A revoked key is refused everywhere within 5 s: this, and a slow answer of the database."""


class KeyWatch:
    """Reads the keys anew each interval, and at once after this process has changed them; notes which were used."""

    def __init__(self, pool: Pool, ring: Keyring, clock: Clock = utc_now, interval_s: float = INTERVAL_S) -> None:
        self._pool, self._ring, self._clock, self._interval_s = pool, ring, clock, interval_s

    async def run(self) -> None:
        """Reads until cancelled; while the database is away, what is known holds."""
        while True:
            await asyncio.sleep(self._interval_s)
            await self.look()

    async def look(self) -> None:
        """Reads the keys once if it can; what has just been changed is changed, whether this succeeds or not."""
        try:
            await self.refresh()
        except FAILURES as error:
            log.warning("keys.stale", error=type(error).__name__)

    async def refresh(self) -> None:
        """Reads the keys once. Raises what the database raises."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            used = self._ring.taken_used()
            if used:
                await api_keys.note_used(connection, used, self._clock())
            self._ring.replace(await api_keys.live(connection))
