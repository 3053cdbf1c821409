"""Reminders one by one, and what was read of a customer. Never commits."""

from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection, Row

# A state is the last thing that is known of a message, as people would say it.
PAGE = """
SELECT reminder_id, happened_at, customer_id, campaign, kind, step, step_name, channel, coalesce(arm, variant) AS arm,
    state, why, cart_id, order_id, due_at
FROM touches CROSS JOIN LATERAL (SELECT
    CASE WHEN outcome = 'skipped' AND told_at IS NULL THEN 'skipped'
        WHEN complained_at IS NOT NULL THEN 'complained' WHEN bounced_at IS NOT NULL THEN 'bounced'
        WHEN clicked_at IS NOT NULL THEN 'clicked' WHEN delivered_at IS NOT NULL THEN 'delivered'
        ELSE coalesce(ended, 'waiting') END AS state,
    CASE WHEN outcome = 'skipped' AND told_at IS NULL THEN reason ELSE ended_reason END AS why) AS said
WHERE store_id = $1 AND ($2::timestamptz IS NULL OR (happened_at, reminder_id) < ($2, $3))
    AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR why = $5) AND ($6::text IS NULL OR campaign = $6)
    AND ($7::text IS NULL OR channel = $7) AND ($8::int IS NULL OR step = $8)
ORDER BY happened_at DESC, reminder_id DESC LIMIT $9
"""
TOUCHES = """
SELECT reminder_id, campaign, step, channel, coalesce(arm, variant) AS arm, cart_id, order_id, outcome, reason,
    decided_at, ended, ended_at, ended_reason, delivered_at, bounced_at, complained_at, opened_at, clicked_at
FROM touches WHERE store_id = $1 AND customer_id = $2 ORDER BY happened_at DESC LIMIT $3
"""
ORDERS = """
SELECT order_events.order_id, what, order_events.happened_at, order_events.cart_id, order_events.total,
    order_events.currency, credited_to
FROM orders JOIN order_events USING (store_id, order_id)
WHERE store_id = $1 AND orders.customer_id = $2 ORDER BY happened_at DESC LIMIT $3
"""
CARTS = """
SELECT cart_id, changed_at, total, currency, units, closed_by
FROM carts WHERE store_id = $1 AND customer_id = $2 ORDER BY changed_at DESC LIMIT $3
"""
Place = tuple[datetime, UUID]


async def page(
    connection: Connection, store_id: str, after: Place | None, wanted: dict[str, str], limit: int
) -> list[Row]:
    """Up to `limit` reminders, the newest first, older than `after`; `wanted` by state, reason, campaign, channel and
    step.
    """
    at, reminder_id = after or (None, None)
    step = int(wanted["step"]) if "step" in wanted else None
    names = ("state", "reason", "campaign", "channel")
    return list(
        await connection.fetch(PAGE, store_id, at, reminder_id, *(wanted.get(name) for name in names), step, limit)
    )


async def of_customer(
    connection: Connection, store_id: str, customer_id: str, limit: int
) -> tuple[list[Row], list[Row], list[Row]]:
    """The newest reminders, events of orders, and carts of a customer."""
    found = [list(await connection.fetch(q, store_id, customer_id, limit)) for q in (TOUCHES, ORDERS, CARTS)]
    return found[0], found[1], found[2]
