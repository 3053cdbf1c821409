"""Drafts of campaigns that stores try on what has happened. Takes a connection, never commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

ASK = """
INSERT INTO backtests (backtest_id, store_id, document, days, asked_by, asked_at, state)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting')
ON CONFLICT (store_id) WHERE state IN ('waiting', 'running') DO NOTHING
"""
READ = """
SELECT backtest_id, store_id, document, days, asked_by, asked_at, state, reason, events, reached, result, ended_at
FROM backtests WHERE store_id = $1 AND backtest_id = $2
"""
AHEAD = "SELECT backtest_id FROM backtests WHERE store_id = $1 AND state IN ('waiting', 'running')"
PAGE = """
SELECT backtest_id, store_id, document, days, asked_by, asked_at, state, reason, events, reached,
    NULL AS result, ended_at
FROM backtests WHERE store_id = $1 ORDER BY asked_at DESC LIMIT $2
"""
# Whoever holds one renews its lease each second: one whose lease is over was left by a process that is gone.
CLAIM = """
UPDATE backtests SET state = 'running', attempts = attempts + 1, lease_until = clock_timestamp() + $1
WHERE backtest_id = (
    SELECT backtest_id FROM backtests
    WHERE state = 'waiting' OR (state = 'running' AND lease_until < clock_timestamp())
    ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING backtest_id, store_id, document, days, asked_at, attempts
"""
GOES_ON = """
UPDATE backtests SET lease_until = clock_timestamp() + $2, events = $4, reached = $5
WHERE backtest_id = $1 AND state = 'running' AND attempts = $3
"""
END = """
UPDATE backtests SET state = $3, reason = $4, result = $5, ended_at = clock_timestamp(), lease_until = NULL
WHERE backtest_id = $1 AND state = 'running' AND attempts = $2
"""
CANCEL = """
UPDATE backtests SET state = 'cancelled', ended_at = clock_timestamp(), lease_until = NULL
WHERE store_id = $1 AND backtest_id = $2 AND state IN ('waiting', 'running')
"""
OLD = """
DELETE FROM backtests WHERE backtest_id = ANY (ARRAY(
    SELECT backtest_id FROM backtests WHERE asked_at < clock_timestamp() - $1::interval
    LIMIT 100 FOR UPDATE SKIP LOCKED))
"""


@dataclass(frozen=True, slots=True)
class KeptBacktest:
    """One, as it stands: `document` and `result` are JSON; a list of several has no results."""

    backtest_id: UUID
    store_id: str
    document: str
    days: int
    asked_by: str
    asked_at: datetime
    state: str
    reason: str | None
    events: int
    reached: datetime | None
    result: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimedBacktest:
    """One that a process works on: its `attempts` tell this one from others."""

    backtest_id: UUID
    store_id: str
    document: str
    days: int
    asked_at: datetime
    attempts: int


async def ask(
    connection: Connection, backtest_id: UUID, store_id: str, document: str, days: int, *, by: str, at: datetime
) -> bool:
    """Asks for one; not where the store has one ahead or under way."""
    return rows_affected(await connection.execute(ASK, backtest_id, store_id, document, days, by, at)) > 0


async def ahead_of(connection: Connection, store_id: str) -> UUID | None:
    """The one of a store that is ahead or under way."""
    found: UUID | None = await connection.fetchval(AHEAD, store_id)
    return found


async def read(connection: Connection, store_id: str, backtest_id: UUID) -> KeptBacktest | None:
    """One of a store."""
    row = await connection.fetchrow(READ, store_id, backtest_id)
    return KeptBacktest(**row) if row else None


async def newest(connection: Connection, store_id: str, most: int) -> list[KeptBacktest]:
    """The newest of a store, without their results."""
    return [KeptBacktest(**row) for row in await connection.fetch(PAGE, store_id, most)]


async def claim(connection: Connection, lease: timedelta) -> ClaimedBacktest | None:
    """The one that has waited longest, or was left by a process that is gone."""
    row = await connection.fetchrow(CLAIM, lease)
    return ClaimedBacktest(**row) if row else None


async def goes_on(
    connection: Connection, claimed: ClaimedBacktest, lease: timedelta, events: int, reached: datetime | None
) -> bool:
    """Notes how far it is; False where it was cancelled, or is somebody else's by now."""
    done = await connection.execute(GOES_ON, claimed.backtest_id, lease, claimed.attempts, events, reached)
    return rows_affected(done) > 0


async def end(
    connection: Connection,
    claimed: ClaimedBacktest,
    *,
    state: str,
    reason: str | None = None,
    result: str | None = None,
) -> None:
    """Notes what came of it, if it is still this process's."""
    await connection.execute(END, claimed.backtest_id, claimed.attempts, state, reason, result)


async def cancel(connection: Connection, store_id: str, backtest_id: UUID) -> bool:
    """Ends one; False where it has ended."""
    return rows_affected(await connection.execute(CANCEL, store_id, backtest_id)) > 0


async def forget(connection: Connection, kept_for: timedelta) -> None:
    """Removes what was asked for longer ago."""
    await connection.execute(OLD, kept_for)
