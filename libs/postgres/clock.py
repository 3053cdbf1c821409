"""The database's clock: the only one that decides, whatever the machine of a process shows."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NoReturn, TypeAlias

import structlog
from prometheus_client import Gauge

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock, steady, utc_now
from libs.runtime.run_every import run_every

log = structlog.get_logger(__name__)

DatabaseClock: TypeAlias = Callable[[Connection], Awaitable[datetime]]
"""The present moment as a database has it, aware, UTC."""

MOST_OFF = timedelta(seconds=1)
INTERVAL_S = 15.0
OFFSET = Gauge("evercart_clock_offset_seconds", "How far the process's clock is ahead of its database's")


async def database_now(connection: Connection) -> datetime:
    """The present moment; within a transaction it goes on."""
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return now


class CorrectedClock:
    """A process's clock as its database's would show the time: what the process says by it is said by the other.

    What decides is asked of the database itself (`database_now`); this is for answers and what they hold. Between two
    measurements it goes on evenly (`even`), also where the machine's clock is set; of that (`machine`) it only tells.
    """

    def __init__(self, machine: Clock = utc_now, even: Clock | None = None) -> None:
        self._machine, self._clock = machine, even or machine
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """The present moment, aware, UTC."""
        return self._clock() - self._offset

    async def measure(self, pool: Pool) -> float:
        """How far the machine's clock is ahead, in seconds; more than one is an error in the log."""
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            asked = self._clock()
            shown = asked if self._clock is self._machine else self._machine()
            there = await database_now(connection)
            took = self._clock() - asked
        offset, off = asked + took / 2 - there, shown + took / 2 - there
        OFFSET.set(off.total_seconds())
        doubt = abs(took / 2)  # a slow answer proves nothing
        if abs(offset - self._offset) > doubt:
            self._offset = offset
        if abs(off) > MOST_OFF + doubt:
            log.error("clock.off", offset_s=round(off.total_seconds(), 3))
        return off.total_seconds()

    async def watch(self, pool: Pool) -> NoReturn:
        """Measures until cancelled."""
        await run_every(INTERVAL_S, lambda: self.measure(pool), "clock.unknown", FAILURES, wait_first=True)


async def corrected_clock(pool: Pool) -> CorrectedClock:
    """The clock of a process, measured."""
    clock = CorrectedClock(utc_now, steady(utc_now()))
    await clock.measure(pool)
    return clock
