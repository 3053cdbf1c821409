"""What is over: removed in small batches that wait for nobody. Takes a connection, never commits."""

from datetime import datetime

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

DELIVERIES = """
DELETE FROM deliveries WHERE reminder_id = ANY (ARRAY(
    SELECT reminder_id FROM deliveries
    WHERE store_id = $1 AND received_at < $2 AND finished_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED
))
"""
CONTENTS = """
UPDATE deliveries SET content = NULL WHERE reminder_id = ANY (ARRAY(
    SELECT reminder_id FROM deliveries
    WHERE store_id = $1 AND finished_at < $2 AND content IS NOT NULL LIMIT $3 FOR UPDATE SKIP LOCKED
))
"""
REPLIES = """
DELETE FROM replies WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM replies WHERE store_id = $1 AND received_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED
))
"""
PROVIDER_EVENTS = """
DELETE FROM provider_events WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM provider_events WHERE received_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""


async def deliveries(connection: Connection, store_id: str, before: datetime, limit: int) -> int:
    """Removes up to `limit` deliveries that ended before then; returns how many."""
    return rows_affected(await connection.execute(DELIVERIES, store_id, before, limit))


async def contents(connection: Connection, store_id: str, before: datetime, limit: int) -> int:
    """Removes what was said by up to `limit` deliveries that ended before then; returns by how many."""
    return rows_affected(await connection.execute(CONTENTS, store_id, before, limit))


async def replies(connection: Connection, store_id: str, before: datetime, limit: int) -> int:
    """Removes up to `limit` replies that came before then; returns how many."""
    return rows_affected(await connection.execute(REPLIES, store_id, before, limit))


async def provider_events(connection: Connection, before: datetime, limit: int) -> int:
    """Removes up to `limit` ids of what providers told before then; returns how many."""
    return rows_affected(await connection.execute(PROVIDER_EVENTS, before, limit))
