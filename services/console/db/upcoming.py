"""What is ahead: carts by when a delay after their last change ends, and reminders that have not ended. Only reads."""

from collections.abc import Collection
from datetime import datetime, timedelta

from libs.postgres.pool import Connection, Row

# Carts as they are now: who touches one begins anew.
SOON = """
SELECT delay, count(cart_id) FILTER (WHERE changed_at <= $2::timestamptz - delay + interval '1 hour') AS hour,
    count(cart_id) AS day
FROM unnest($3::interval[]) AS delay LEFT JOIN carts ON store_id = $1 AND changed_at > $2::timestamptz - delay
    AND changed_at <= $2::timestamptz - delay + interval '24 hours'
    AND closed_by IS NULL AND units > 0 AND customer_id IS NOT NULL
GROUP BY delay
"""
ASKED = """
SELECT campaign, step, max(step_name) AS step_name, channel, count(*) AS waiting,
    count(*) FILTER (WHERE due_at <= $2::timestamptz) AS late, min(due_at) FILTER (WHERE due_at <= $2) AS since
FROM touches WHERE store_id = $1 AND happened_at > $2::timestamptz - interval '7 days'
    AND outcome = 'would_send' AND ended IS NULL
GROUP BY campaign, step, channel ORDER BY since NULLS LAST, campaign, step, channel
"""
LONGEST = """
SELECT reminder_id, customer_id FROM touches
WHERE store_id = $1 AND happened_at > $2::timestamptz - interval '7 days' AND due_at <= $2
    AND outcome = 'would_send' AND ended IS NULL
ORDER BY due_at, reminder_id LIMIT $3
"""


NEXT = """
SELECT cart_id, customer_id, changed_at + delay AS due_at
FROM unnest($3::interval[]) AS delay CROSS JOIN LATERAL (
    SELECT cart_id, customer_id, changed_at FROM carts
    WHERE store_id = $1 AND changed_at > $2::timestamptz - delay
        AND changed_at <= $2::timestamptz - delay + interval '24 hours'
        AND closed_by IS NULL AND units > 0 AND customer_id IS NOT NULL
    ORDER BY changed_at LIMIT $4
) AS soonest
ORDER BY due_at, cart_id LIMIT $4
"""
WAITING = """
SELECT reminder_id, customer_id, campaign, step, step_name, channel, due_at FROM touches
WHERE store_id = $1 AND happened_at > $2::timestamptz - interval '7 days'
    AND outcome = 'would_send' AND ended IS NULL
ORDER BY due_at, reminder_id LIMIT $3
"""


async def soon(connection: Connection, store_id: str, now: datetime, delays: Collection[timedelta]) -> list[Row]:
    """Open carts of customers by delay: those for which it ends within the next hour, and within the next day."""
    return list(await connection.fetch(SOON, store_id, now, list(delays)))


async def asked(connection: Connection, store_id: str, now: datetime) -> list[Row]:
    """Reminders of the last seven days that were asked for and have not ended, by step and channel."""
    return list(await connection.fetch(ASKED, store_id, now))


async def longest(connection: Connection, store_id: str, now: datetime, most: int) -> list[Row]:
    """Those of them that are due the longest."""
    return list(await connection.fetch(LONGEST, store_id, now, most))


async def next_carts(
    connection: Connection, store_id: str, now: datetime, delays: Collection[timedelta], most: int
) -> list[Row]:
    """The open carts of customers for which a delay ends next, within a day."""
    return list(await connection.fetch(NEXT, store_id, now, list(delays), most))


async def waiting(connection: Connection, store_id: str, now: datetime, most: int) -> list[Row]:
    """Reminders of the last seven days that were asked for and have not ended, the longest due first."""
    return list(await connection.fetch(WAITING, store_id, now, most))
