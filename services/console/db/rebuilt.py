"""What is taken out before it is read again. Never commits."""

from datetime import datetime

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# Who was erased stays: what topics still tell of them is not taken in any more. So does what has begun before the
# topics do, and carts of nobody, of which nobody can say whether they are an erased customer's.
TOUCHES = """
DELETE FROM touches WHERE least(happened_at, told_at) >= $1 AND customer_id NOT LIKE 'erased:%'
"""
ORDERS = """
WITH gone AS (
    DELETE FROM orders WHERE coalesce(customer_id, '') NOT LIKE 'erased:%' AND NOT EXISTS (
        SELECT FROM order_events WHERE order_events.store_id = orders.store_id
            AND order_events.order_id = orders.order_id AND told_at < $1)
    RETURNING store_id, order_id
)
DELETE FROM order_events USING gone
WHERE order_events.store_id = gone.store_id AND order_events.order_id = gone.order_id
"""
CARTS = "DELETE FROM carts WHERE changed_at >= $1 AND customer_id IS NOT NULL"
COUNTS = """
SELECT (SELECT count(*) FROM touches) AS touches, (SELECT count(*) FROM orders) AS orders,
    (SELECT count(*) FROM carts) AS carts
"""


async def take_out(connection: Connection, since: datetime) -> int:
    """Removes the rows that topics which begin `since` then tell in full; how many."""
    return sum([rows_affected(await connection.execute(statement, since)) for statement in (TOUCHES, ORDERS, CARTS)])


async def counts(connection: Connection) -> dict[str, int]:
    """How many rows there are, by what they are of."""
    row = await connection.fetchrow(COUNTS)
    assert row is not None, "one row of counts"
    return dict(row)
