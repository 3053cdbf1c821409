"""Everything that is held on a customer. Takes a connection, never commits."""

from typing import Any

from libs.postgres.pool import Connection

CARTS = """
SELECT cart_id, version, quiet_since, units, total, currency, closed_at, decided_until, due_at
FROM carts WHERE store_id = $1 AND customer_id = $2 ORDER BY cart_id
"""
HOLDINGS = """
SELECT holdings.cart_id, sku, holdings.units, touched_at, seen_price FROM holdings JOIN carts USING (cart_id)
WHERE carts.store_id = $1 AND carts.customer_id = $2 ORDER BY cart_id, sku
"""
DECISIONS = """
SELECT reminder_id, campaign, campaign_version, step, step_name, channel, arm, cart_id, cart_version, order_id,
       sku, ARRAY(SELECT jsonb_array_elements_text(named)) AS named, price, total, currency, due_at, outcome, reason,
       decided_at
FROM decisions WHERE store_id = $1 AND customer_id = $2 ORDER BY decided_at, reminder_id
"""
PARTICIPANTS = """
SELECT campaign, arm, entered_at, jsonb_array_length(entries) AS times_entered
FROM participants WHERE store_id = $1 AND customer_id = $2 AND entered_at > 'epoch' ORDER BY campaign
"""
ORDERS = """
SELECT order_id, cart_id, placed_at, currency, total, status, channel, skus, first_told_at,
       last_told_at
FROM customer_orders WHERE store_id = $1 AND customer_id = $2 ORDER BY placed_at, order_id
"""
REACH = "SELECT email, sms, timezone, channels FROM reach WHERE store_id = $1 AND customer_id = $2"
OCCASIONS = """
SELECT subject, subject_id, since, facts::text AS facts, ended, decided_until, due_at
FROM occasions WHERE store_id = $1 AND customer_id = $2 ORDER BY since, subject, subject_id
"""
WATCHES = """
SELECT watch_id, sku, set_at, saved_in, told_by, ended, ended_at
FROM watches WHERE store_id = $1 AND customer_id = $2 ORDER BY set_at, watch_id
"""
CLICKS = """
SELECT reminder_id, campaign, clicked_at FROM clicks
WHERE store_id = $1 AND customer_id = $2 ORDER BY clicked_at, reminder_id
"""
KINDS = {
    "occasions": OCCASIONS,
    "carts": CARTS,
    "holdings": HOLDINGS,
    "decisions": DECISIONS,
    "participants": PARTICIPANTS,
    "customer_orders": ORDERS,
    "reach": REACH,
    "watches": WATCHES,
    "clicks": CLICKS,
}


async def everything(connection: Connection, store_id: str, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by kind."""
    return {
        kind: [dict(row) for row in await connection.fetch(query, store_id, customer_id)]
        for kind, query in KINDS.items()
    }
