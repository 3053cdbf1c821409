"""What was decided on a customer or a cart, and their carts. Takes a connection, never commits."""

from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection
from services.trigger.db.carts import read_carts
from services.trigger.domain.carts import CartState

# one query for each question, so that each has its index
CARTS = """
SELECT cart_id FROM carts WHERE store_id = $1 AND customer_id = $2 ORDER BY quiet_since DESC, cart_id LIMIT $3
"""
CART = "SELECT cart_id FROM carts WHERE store_id = $1 AND cart_id = $2"
OF_CUSTOMER = """
SELECT reminder_id, customer_id, campaign, campaign_version, step, step_name, channel, arm, cart_id, cart_version,
       order_id, sku, total, currency, due_at, outcome, reason, decided_at
FROM decisions
WHERE store_id = $1 AND customer_id = $2 AND ($3::timestamptz IS NULL OR (decided_at, reminder_id) < ($3, $4))
ORDER BY decided_at DESC, reminder_id DESC
LIMIT $5
"""
OF_CART = """
SELECT reminder_id, customer_id, campaign, campaign_version, step, step_name, channel, arm, cart_id, cart_version,
       order_id, sku, total, currency, due_at, outcome, reason, decided_at
FROM decisions
WHERE store_id = $1 AND cart_id = $2 AND ($3::timestamptz IS NULL OR (decided_at, reminder_id) < ($3, $4))
ORDER BY decided_at DESC, reminder_id DESC
LIMIT $5
"""
Place = tuple[datetime, UUID] | None
"""Behind what a page begins: when a decision was taken, and its reminder."""


async def carts_of(
    connection: Connection, store_id: str, customer_id: str | None, cart_id: UUID | None, limit: int
) -> list[CartState]:
    """The carts of a customer, or the one cart, last changed first."""
    if customer_id is not None:
        rows = await connection.fetch(CARTS, store_id, customer_id, limit)
    else:
        rows = await connection.fetch(CART, store_id, cart_id)
    ids = [row["cart_id"] for row in rows]
    known = await read_carts(connection, ids)
    return [known[one] for one in ids if one in known]


async def decisions_on_customer(
    connection: Connection, store_id: str, customer_id: str, after: Place, limit: int
) -> list[dict[str, Any]]:
    """What was decided on a customer, newest first."""
    place = after or (None, None)
    return [dict(row) for row in await connection.fetch(OF_CUSTOMER, store_id, customer_id, *place, limit)]


async def decisions_on_cart(
    connection: Connection, store_id: str, cart_id: UUID, after: Place, limit: int
) -> list[dict[str, Any]]:
    """What was decided on a cart, newest first."""
    place = after or (None, None)
    return [dict(row) for row in await connection.fetch(OF_CART, store_id, cart_id, *place, limit)]
