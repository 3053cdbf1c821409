"""A pool that passes connections from hand to hand: asyncpg's own way back into the pool and out of it costs a task, a
shield and two timers, 20 us each time.
"""

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolAcquireContext, PoolConnectionProxy

if TYPE_CHECKING:
    _Pool = asyncpg.Pool[asyncpg.Record]
    _Acquire = PoolAcquireContext[asyncpg.Record]
else:  # the classes are generic for type checkers only
    _Pool, _Acquire = asyncpg.Pool, PoolAcquireContext

Lent: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

GIVE_BACK_S = 60.0
"""How long connections may stay out of asyncpg's sight, who closes what has been idle for long."""


class LendingPool(_Pool):
    """asyncpg's pool; a connection that was used without a fault goes to whoever asks next.

    Whatever is out of the ordinary goes asyncpg's way: somebody waits, an error, a cancellation, an open transaction.
    """

    def __init__(self, dsn: str, **options: Any) -> None:  # noqa: ANN401 - asyncpg's own
        super().__init__(dsn, **options)
        self.at_hand: list[Lent] = []
        self.waiting = 0
        self._timer: asyncio.TimerHandle | None = None
        self._returning = set[asyncio.Task[None]]()

    def acquire(self, *, timeout: float | None = None) -> "Loan":
        """A connection for a `with` block, or for a caller who releases it."""
        return Loan(self, timeout)

    def keep(self, connection: Lent) -> bool:
        """Puts a connection aside for the next one, unless somebody waits for it."""
        if self.waiting or self.is_closing() or connection.is_in_transaction():
            return False
        self.at_hand.append(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GIVE_BACK_S, self._give_back)
        return True

    async def close(self) -> None:
        """Closes once all connections have come back."""
        self._give_back()
        await super().close()

    def terminate(self) -> None:
        """Closes at once."""
        self._stop()
        super().terminate()

    def _give_back(self) -> None:
        idle, self.at_hand = self.at_hand, []
        self._stop()
        for connection in idle:
            task = asyncio.ensure_future(self.release(connection))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Loan(_Acquire):
    """Lends a connection that is at hand, else one of asyncpg's."""

    __slots__ = ()
    pool: LendingPool

    async def __aenter__(self) -> Lent:
        """The connection."""
        at_hand = self.pool.at_hand
        while at_hand:
            self.connection = at_hand.pop()
            if _usable(self.connection):
                return self.connection
            self.connection = None  # it died meanwhile, of which asyncpg has taken note
        self.pool.waiting += 1
        try:
            return await super().__aenter__()
        finally:
            self.pool.waiting -= 1

    def __await__(self) -> Generator[Any, None, Lent]:
        """The connection, for a caller who releases it."""
        return self.__aenter__().__await__()

    async def __aexit__(self, *exc: object) -> None:
        """Hands the connection on."""
        connection = self.connection
        if exc[0] is None and connection is not None and _usable(connection) and self.pool.keep(connection):
            self.connection, self.done = None, True
            return
        await super().__aexit__(*exc)


def _usable(connection: Lent) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # asyncpg has taken it back
        return False
