"""Records the statements that code sends to PostgreSQL, and sends them again without the code."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from libs.postgres.pool import Connection, Pool

Statement = tuple[str, str, tuple[Any, ...]]
"""Method of the connection, SQL, arguments."""


@dataclass
class Tape:
    """Transactions, each a list of statements."""

    transactions: list[list[Statement]] = field(default_factory=list)

    async def play(self, connection: Connection) -> None:
        """The same statements in the same transactions."""
        for statements in self.transactions:
            async with connection.transaction():
                for method, sql, arguments in statements:
                    await getattr(connection, method)(sql, *arguments)


class Recorder:
    """Stands for a pool: hands out its one connection, and writes on the tape what is done with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.tape = connection, Tape()

    @property
    def pool(self) -> Pool:
        """As what takes a pool wants it."""
        return cast("Pool", self)

    @asynccontextmanager
    async def acquire(self, timeout: float) -> AsyncIterator["Recorder"]:  # noqa: ARG002 - asyncpg's name
        """The recording connection."""
        yield self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A transaction on the tape."""
        self.tape.transactions.append([])
        async with self._connection.transaction():
            yield

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        """As asyncpg's."""
        return cast("Sequence[Any]", await self._recorded("fetch", sql, arguments))

    async def fetchrow(self, sql: str, *arguments: object) -> object:
        """As asyncpg's."""
        return await self._recorded("fetchrow", sql, arguments)

    async def fetchval(self, sql: str, *arguments: object) -> object:
        """As asyncpg's."""
        return await self._recorded("fetchval", sql, arguments)

    async def execute(self, sql: str, *arguments: object) -> object:
        """As asyncpg's."""
        return await self._recorded("execute", sql, arguments)

    async def _recorded(self, method: str, sql: str, arguments: tuple[object, ...]) -> object:
        self.tape.transactions[-1].append((method, sql, arguments))
        return await getattr(self._connection, method)(sql, *arguments)
