"""Orders: everything that was told of them, and each as that adds up. Never commits."""

from collections.abc import Iterable
from dataclasses import astuple

from libs.postgres.pool import Connection
from services.console.domain.orders import GONE, OrderFact

NOTE = """
INSERT INTO order_events (event_id, store_id, order_id, what, told_at, happened_at, status, customer_id, cart_id,
    currency, total, channel, placed_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[],
    $8::text[], $9::uuid[], $10::text[], $11::bigint[], $12::text[], $13::timestamptz[]) AS given (event_id)
ORDER BY event_id
ON CONFLICT (event_id) DO NOTHING
RETURNING store_id, order_id
"""
# Whoever adds an order up holds it first, so that of two the later one sees what both have written.
HOLD = """
INSERT INTO orders AS known (store_id, order_id, placed_at, status)
SELECT *, 'epoch', 'placed' FROM unnest($1::text[], $2::text[]) AS given (store_id, order_id) ORDER BY 1, 2
ON CONFLICT (store_id, order_id) DO UPDATE SET status = known.status
"""
# Who ordered with which cart counts as it was first known: an erasure takes that away, and what follows brings nothing
# back. A total is of the newest that tells one. What days are stale: of the order, before and after, of the reminder
# that it was credited to, and of those that its customer had before it.
ADD_UP = """
WITH given AS (SELECT * FROM unnest($1::text[], $2::text[]) AS given (store_id, order_id)),
added AS (
    SELECT store_id, order_id,
        (array_agg(customer_id ORDER BY told_at, event_id) FILTER (WHERE customer_id IS NOT NULL))[1] AS customer_id,
        (array_agg(cart_id ORDER BY told_at, event_id) FILTER (WHERE cart_id IS NOT NULL))[1] AS cart_id,
        (array_agg(channel ORDER BY told_at, event_id) FILTER (WHERE channel IS NOT NULL))[1] AS channel,
        (array_agg(currency ORDER BY told_at DESC, event_id DESC) FILTER (WHERE currency IS NOT NULL))[1] AS currency,
        (array_agg(total ORDER BY told_at DESC, event_id DESC) FILTER (WHERE total IS NOT NULL))[1] AS total,
        (array_agg(total ORDER BY told_at DESC, event_id DESC)
            FILTER (WHERE total IS NOT NULL AND what = 'placed'))[1] AS first_total,
        max(total) AS most,
        (array_agg(status ORDER BY told_at DESC, event_id DESC))[1] AS status,
        coalesce((array_agg(placed_at ORDER BY told_at DESC, event_id DESC) FILTER (WHERE placed_at IS NOT NULL))[1],
            min(happened_at) FILTER (WHERE what = 'placed'), min(happened_at)) AS placed_at
    FROM given JOIN order_events USING (store_id, order_id) GROUP BY store_id, order_id
), kept AS (
    UPDATE orders SET customer_id = added.customer_id, cart_id = added.cart_id, channel = added.channel,
        placed_at = added.placed_at, currency = added.currency, gross = coalesce(first_total, most),
        net = CASE WHEN added.status = ANY ($3::text[]) THEN 0 ELSE total END, status = added.status
    FROM added WHERE orders.store_id = added.store_id AND orders.order_id = added.order_id
    RETURNING new.store_id, new.customer_id, new.cart_id, new.credited_to,
        nullif(old.placed_at, 'epoch') AS before, new.placed_at AS after
), days AS (
    SELECT store_id, at FROM kept CROSS JOIN LATERAL (VALUES (before), (after)) AS both_days (at)
    UNION
    SELECT touches.store_id, happened_at FROM kept JOIN touches ON reminder_id = credited_to
    UNION
    SELECT touches.store_id, happened_at FROM kept JOIN touches USING (store_id, customer_id)
    WHERE happened_at BETWEEN least(before, after) - interval '30 days' AND greatest(before, after)
    UNION
    SELECT touches.store_id, happened_at FROM kept JOIN touches USING (store_id, cart_id)
    WHERE happened_at BETWEEN least(before, after) - interval '30 days' AND greatest(before, after)
)
INSERT INTO stale_days (store_id, day)
SELECT DISTINCT days.store_id, (at AT TIME ZONE coalesce(time_zone, 'UTC'))::date
FROM days LEFT JOIN stores USING (store_id) WHERE at IS NOT NULL
"""


async def keep(connection: Connection, facts: Iterable[OrderFact]) -> None:
    """Notes what was told of orders, and adds up those of which something is new."""
    rows = [astuple(one) for one in facts]
    if not rows:
        return
    new = await connection.fetch(NOTE, *zip(*rows, strict=True))
    orders = sorted({(row["store_id"], row["order_id"]) for row in new})
    if orders:
        stores, ids = zip(*orders, strict=True)
        await connection.execute(HOLD, stores, ids)
        await connection.execute(ADD_UP, stores, ids, GONE)
