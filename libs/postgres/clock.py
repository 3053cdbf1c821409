"""The database's clock: the only one that decides, whatever the machine of a process shows."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NoReturn, TypeAlias

import structlog
from prometheus_client import Gauge

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.run_every import run_every

log = structlog.get_logger(__name__)

DatabaseClock: TypeAlias = Callable[[Connection], Awaitable[datetime]]
"""The present moment as a database has it, aware, UTC."""

MOST_OFF_S = 1.0
INTERVAL_S = 15.0
OFFSET = Gauge("evercart_clock_offset_seconds", "How far the process's clock is ahead of its database's")


async def database_now(connection: Connection) -> datetime:
    """The present moment; within a transaction it goes on."""
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return now


async def measure_offset(pool: Pool, clock: Clock = utc_now) -> float:
    """How far the process's clock is ahead of the database's, in seconds; more than one is an error in the log."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        asked = clock()
        there = await database_now(connection)
        took = clock() - asked
    offset = (asked + took / 2 - there).total_seconds()
    OFFSET.set(offset)
    if abs(offset) > MOST_OFF_S + took.total_seconds() / 2:  # a slow answer proves nothing
        log.error("clock.off", offset_s=round(offset, 3))
    return offset


async def watch_offset(pool: Pool) -> NoReturn:
    """Measures until cancelled."""
    await run_every(INTERVAL_S, lambda: measure_offset(pool), "clock.unknown", FAILURES)
