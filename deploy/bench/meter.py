"""Reads what work costs: the CPU time of the processes that take part, and what PostgreSQL writes ahead."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from time import process_time

import asyncpg
import psutil

from deploy.bench.rows import Cost

Clock = Callable[[], float]
"""CPU seconds that a process has spent so far."""

OWN: Clock = process_time
POSTGRES = "PostgreSQL"
_WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"


class Meter:
    """One connection to PostgreSQL, and a clock for each process."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", clocks: Mapping[str, Clock]) -> None:
        self._connection, self._clocks = connection, clocks

    async def read(self) -> Cost:
        """What has been spent up to now."""
        written: int = await self._connection.fetchval(_WRITTEN)
        return Cost({name: clock() for name, clock in self._clocks.items()}, written)


@asynccontextmanager
async def metering(dsn: str, clocks: Mapping[str, Clock]) -> AsyncIterator[Meter]:
    """A meter of these processes and, where it runs on this machine, of the PostgreSQL of `dsn`."""
    connection = await asyncpg.connect(dsn)
    try:
        server = _server(await connection.fetchval("SELECT pg_backend_pid()"))
        yield Meter(connection, {**clocks, POSTGRES: _family(server)} if server else clocks)
    finally:
        await connection.close()


def clock_of(pid: int) -> Clock:
    """The clock of another process with those that it has started."""
    return _family(psutil.Process(pid))


def _server(backend: int) -> psutil.Process | None:
    """The process of which a backend is a child; None where the number is another machine's."""
    with suppress(psutil.Error):
        process = psutil.Process(backend)
        if "postgres" in process.name():
            return process.parent()
    return None


def _family(server: psutil.Process) -> Clock:
    """The clock of a server with all its processes. Those that have ended count as its own: it has waited for them."""

    def spent() -> float:
        total = 0.0
        for child in server.children():
            with suppress(psutil.Error):
                times = child.cpu_times()
                total += times.user + times.system
        times = server.cpu_times()
        return total + times.user + times.system + times.children_user + times.children_system

    return spent
