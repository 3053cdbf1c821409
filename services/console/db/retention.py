"""Rows that are older than they may get, a few at a time; sums stay. Never commits."""

from datetime import datetime

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

OLD = (
    """
    DELETE FROM touches WHERE reminder_id = ANY (ARRAY(
        SELECT reminder_id FROM touches WHERE happened_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
    """,
    """
    WITH old AS (
        DELETE FROM orders WHERE (store_id, order_id) IN (
            SELECT store_id, order_id FROM orders WHERE placed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING store_id, order_id
    ), events AS (
        DELETE FROM order_events USING old
        WHERE order_events.store_id = old.store_id AND order_events.order_id = old.order_id
    )
    SELECT FROM old
    """,
    """
    DELETE FROM carts WHERE cart_id = ANY (ARRAY(
        SELECT cart_id FROM carts WHERE changed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
    """,
)


async def old_rows(connection: Connection, before: datetime, limit: int) -> int:
    """Removes up to `limit` rows of each kind from before then; how many of the kind of which most went."""
    return max([rows_affected(await connection.execute(statement, before, limit)) for statement in OLD])
