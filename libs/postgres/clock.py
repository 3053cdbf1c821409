"""The database's clock: the only one that decides, whatever the machine of a process shows."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from libs.postgres.pool import Connection

DatabaseClock: TypeAlias = Callable[[Connection], Awaitable[datetime]]
"""The present moment as a database has it, aware, UTC."""


async def database_now(connection: Connection) -> datetime:
    """The present moment; within a transaction it goes on."""
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return now
