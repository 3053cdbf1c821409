"""Connections to PostgreSQL."""

import asyncio
from functools import partial
from typing import Any, TypeAlias

import asyncpg

from libs.postgres.hosts import connect_to_any
from libs.postgres.known_types import KnowingConnection
from libs.postgres.lending import LendingPool

# Quoted: the classes are generic for type checkers only.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Session: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection that is nobody else's, kept for as long as it lasts."""
Row: TypeAlias = asyncpg.Record
"""One row of an answer: values by column name."""

ACQUIRE_TIMEOUT_S = 5.0
STATEMENT_TIMEOUT_MS = 30_000

# After connecting, for PgBouncer refuses a session that begins with such a setting. Planning by jit costs more than our
# short statements. A plan is kept, and must not rest on how little there was when it was made: a small table PostgreSQL
# reads whole.
_SETTINGS = f"""
SET statement_timeout = {STATEMENT_TIMEOUT_MS}; SET idle_in_transaction_session_timeout = 60000; SET jit = off;
SET enable_seqscan = off
"""
_PLAN_ONCE = _SETTINGS + "; SET plan_cache_mode = force_generic_plan"


async def open_pool(
    dsn: str,
    *,
    size: int = 8,
    name: str = "evercart",
    statement_cache: int = 256,
    plan_once: bool = False,
) -> Pool:
    """A pool of 1 to `size` connections without a reset between uses, which saves 25 to 55 us a query.

    Without the reset a user of the pool must leave no session state behind: no SET, no LISTEN, no session lock.
    `statement_cache=0` suits a pooler in transaction mode. No table is read whole that has an index for what is asked,
    however small it was when that was planned. `plan_once` is for statements whose plans don't hang on what is asked:
    PostgreSQL goes on to plan some of them for each call, which takes longer than the call.
    """
    return await LendingPool(
        dsn,
        connect=connect_to_any,
        init=partial(_settle, settings=_PLAN_ONCE if plan_once else _SETTINGS),
        min_size=1,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300,
        loop=asyncio.get_running_loop(),
        connection_class=KnowingConnection,
        record_class=asyncpg.Record,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000,
        statement_cache_size=statement_cache,
        reset=_keep,
        server_settings={"application_name": name},
    )


async def connect(
    dsn: str, *, name: str | None = None, timeout_s: float = 10, command_timeout_s: float | None = None
) -> Session:
    """A connection of one's own, for what needs a session (LISTEN, session locks). Raises one of `FAILURES`."""
    told = {"application_name": name} if name else None
    return await connect_to_any(dsn, timeout=timeout_s, command_timeout=command_timeout_s, server_settings=told)


async def _settle(connection: Session, settings: str) -> None:
    await connection.execute(settings)


async def _keep(_: Any) -> None:  # noqa: ANN401 - asyncpg hands in a proxy of its own
    return


async def check_postgres(pool: Pool) -> None:
    """Raises when no connection can be had and used within the health check's time."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        await connection.fetchval("SELECT 1")
