"""What is over: removed in small batches that wait for nobody."""

from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# With what became of them. An order is known by its id for so long: told again later, it is a new one.
ORDERS = """
WITH gone AS (
    DELETE FROM orders WHERE (store_id, order_id) IN (
        SELECT store_id, order_id FROM orders WHERE store_id = $1 AND placed_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING store_id, order_id
), events AS (
    DELETE FROM order_events USING gone
    WHERE order_events.store_id = gone.store_id AND order_events.order_id = gone.order_id
)
SELECT count(*) FROM gone
"""
AUDIT = """
DELETE FROM audit_log WHERE audit_id = ANY (ARRAY(
    SELECT audit_id FROM audit_log WHERE store_id = $1 AND audit_id < $2
    ORDER BY audit_id LIMIT $3 FOR UPDATE SKIP LOCKED
))
"""


async def orders(connection: Connection, store_id: str, before: datetime, limit: int) -> int:
    """Removes up to `limit` orders that were placed before then; returns how many."""
    return int(await connection.fetchval(ORDERS, store_id, before, limit))


async def audit(connection: Connection, store_id: str, before: UUID, limit: int) -> int:
    """Removes up to `limit` entries of ids below `before`; returns how many."""
    return rows_affected(await connection.execute(AUDIT, store_id, before, limit))
