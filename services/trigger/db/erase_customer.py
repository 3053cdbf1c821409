"""What an erasure does in each table. Takes a connection, never commits."""

from libs.contracts.events import ErasureRequested
from libs.contracts.events.erasure import Done
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# The row stays, closed and nobody's: a late event of this cart finds it closed. It goes with other closed carts.
CARTS = """
UPDATE carts
SET customer_id = NULL, units = 0, total = 0, currency = NULL, due_at = NULL, closed_at = coalesce(closed_at, $3)
WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND quiet_since <= $3
RETURNING cart_id
"""
HOLDINGS = "DELETE FROM holdings WHERE cart_id = ANY ($1::uuid[])"
DECISIONS = """
DELETE FROM decisions
WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND (due_at <= $3 OR cart_id = ANY ($4::uuid[]))
"""
PARTICIPANTS = "DELETE FROM participants WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND entered_at <= $3"
ORDERS = """
DELETE FROM customer_orders WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND first_told_at <= $3
"""
OCCASIONS = "DELETE FROM occasions WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND since <= $3"
WATCHES = "DELETE FROM watches WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND set_at <= $3"
CLICKS = "DELETE FROM clicks WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND clicked_at <= $3"
REACH = "DELETE FROM reach WHERE store_id = $1 AND customer_id = ANY ($2::text[])"


async def erase(connection: Connection, request: ErasureRequested) -> list[tuple[str, Done, int]]:
    """Takes out what is older than the request; for each table what was done to how many rows."""
    who = (request.store_id, request.customer_ids, request.occurred_at)
    carts = [row["cart_id"] for row in await connection.fetch(CARTS, *who)]
    holdings = await connection.execute(HOLDINGS, carts)
    participants = await connection.execute(PARTICIPANTS, *who)
    occasions = await connection.execute(OCCASIONS, *who)
    orders = await connection.execute(ORDERS, *who)
    decisions = await connection.execute(DECISIONS, *who, carts)
    watches = await connection.execute(WATCHES, *who)
    clicks = await connection.execute(CLICKS, *who)
    reach = await connection.execute(REACH, request.store_id, request.customer_ids)
    return [
        ("carts", "anonymised", len(carts)),
        ("holdings", "deleted", rows_affected(holdings)),
        ("decisions", "deleted", rows_affected(decisions)),
        ("participants", "deleted", rows_affected(participants)),
        ("occasions", "deleted", rows_affected(occasions)),
        ("customer_orders", "deleted", rows_affected(orders)),
        ("reach", "deleted", rows_affected(reach)),
        ("watches", "deleted", rows_affected(watches)),
        ("clicks", "deleted", rows_affected(clicks)),
    ]
