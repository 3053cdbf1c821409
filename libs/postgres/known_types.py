"""Connections that know PostgreSQL's own types: asyncpg has each ask the server anew what a `bigint[]` is."""

from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg

if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:  # the class is generic for type checkers only
    _Connection = asyncpg.Connection

FIRST_OF_A_SERVER = 10_000
"""Below this number are the types that every PostgreSQL has by the same one; from it on those that a release, a cluster
or a database has numbered itself, so that another server's may be others.
"""


class NoStatement(NamedTuple):
    """In place of the one that would have asked, where nobody had to."""

    name: str = "none"  # one without a name would have taken the place of the caller's own


_ANSWERS: dict[frozenset[int], Any] = {}


class KnowingConnection(_Connection):
    """asyncpg's connection; what it has to ask of PostgreSQL's own types it asks once in a process.

    The question is planned anew each time: 5 ms of the server's CPU, and one to three more ways there and back in the
    first call of each statement with an array.
    """

    async def _introspect_types(self, typeoids: set[int], timeout: float | None) -> tuple[Any, Any]:  # noqa: ASYNC109 - asyncpg calls it
        asked = frozenset(typeoids)
        if max(asked) >= FIRST_OF_A_SERVER:
            return await super()._introspect_types(typeoids, timeout)  # type: ignore[no-any-return, misc]
        if asked in _ANSWERS:
            return _ANSWERS[asked], NoStatement()
        rows, statement = await super()._introspect_types(typeoids, timeout)  # type: ignore[misc]
        _ANSWERS[asked] = rows
        return rows, statement
