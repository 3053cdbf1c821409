"""Messages that somebody of the shop has cancelled. Functions take a connection, and never commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.reminder import State

# Whoever holds it at this moment finds its lease gone when they are about to send it.
CANCEL = """
UPDATE deliveries SET state = 'cancelled', reason = $3, finished_at = now(), lease_token = NULL
WHERE store_id = $1 AND reminder_id = ANY ($2::uuid[]) AND state = 'pending'
RETURNING reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, variant, reason
"""
STATE = "SELECT state, reason FROM deliveries WHERE store_id = $1 AND reminder_id = $2"
NOTE = "INSERT INTO called_off (reminder_id, store_id) VALUES ($1, $2) ON CONFLICT (reminder_id) DO NOTHING"
AMONG = """
SELECT store_id, reminder_id FROM called_off JOIN unnest($1::text[], $2::uuid[]) AS t (store_id, reminder_id)
    USING (store_id, reminder_id)
"""
FORGET = """
DELETE FROM called_off WHERE reminder_id = ANY (ARRAY(
    SELECT reminder_id FROM called_off WHERE called_off_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""


async def cancel(connection: Connection, store_id: str, ids: Sequence[UUID], reason: str) -> list[dict[str, Any]]:
    """Cancels those of a store's messages that wait; returns the columns that the events of it need."""
    return [dict(row) for row in await connection.fetch(CANCEL, store_id, ids, reason)]


async def state(connection: Connection, store_id: str, reminder_id: UUID) -> tuple[State, str | None] | None:
    """How a message stands, and why; None where nothing was heard of it."""
    row = await connection.fetchrow(STATE, store_id, reminder_id)
    return None if row is None else (row["state"], row["reason"])


async def note(connection: Connection, store_id: str, reminder_id: UUID) -> None:
    """Notes that a message is cancelled of which nothing was heard yet."""
    await connection.execute(NOTE, reminder_id, store_id)


async def among(connection: Connection, messages: Sequence[tuple[str, UUID]]) -> list[tuple[str, UUID]]:
    """Those of the messages (store and reminder) that were noted."""
    stores, ids = [store for store, _ in messages], [reminder for _, reminder in messages]
    return [(row["store_id"], row["reminder_id"]) for row in await connection.fetch(AMONG, stores, ids)]


async def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Forgets up to `limit` notes from before a time from which no topic keeps a request any more; returns how many."""
    return rows_affected(await connection.execute(FORGET, before, limit))
