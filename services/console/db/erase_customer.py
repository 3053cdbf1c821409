"""What an erasure leaves of a customer: rows that count, and say nothing of whose they were. Never commits."""

from uuid import UUID, uuid4

from libs.contracts.events import ErasureRequested
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# Carts are known in other places, too: each becomes another one, the same wherever it stood.
CARTS = """
SELECT cart_id FROM touches WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND happened_at <= $3
    AND cart_id IS NOT NULL
UNION
SELECT cart_id FROM carts WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND changed_at <= $3
UNION
SELECT cart_id FROM orders WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND placed_at <= $3
    AND cart_id IS NOT NULL
"""
OTHER_NAMES = {
    "touches": """
    UPDATE touches SET customer_id = $4 WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND happened_at <= $3
    """,
    "order_events": """
    UPDATE order_events SET customer_id = $4
    WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND happened_at <= $3
    """,
    "orders": """
    UPDATE orders SET customer_id = $4 WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND placed_at <= $3
    """,
}
NO_NAME = """
UPDATE carts SET customer_id = NULL WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND changed_at <= $3
"""
# An order of nobody with one of the carts becomes one of somebody whom nobody knows, so that it is not read again.
OF_NOBODY = """
WITH theirs AS (
    UPDATE orders SET customer_id = 'erased:' || gen_random_uuid()
    WHERE cart_id = ANY ($1::uuid[]) AND customer_id IS NULL RETURNING store_id, order_id, customer_id
)
UPDATE order_events SET customer_id = theirs.customer_id FROM theirs
WHERE order_events.store_id = theirs.store_id AND order_events.order_id = theirs.order_id
"""
OTHER_CARTS = (
    """
    UPDATE touches SET cart_id = other FROM unnest($1::uuid[], $2::uuid[]) AS given (one, other) WHERE cart_id = one
    """,
    """
    UPDATE orders SET cart_id = other FROM unnest($1::uuid[], $2::uuid[]) AS given (one, other) WHERE cart_id = one
    """,
    """
    UPDATE order_events SET cart_id = other
    FROM unnest($1::uuid[], $2::uuid[]) AS given (one, other) WHERE cart_id = one
    """,
    """
    UPDATE carts SET cart_id = other FROM unnest($1::uuid[], $2::uuid[]) AS given (one, other) WHERE cart_id = one
    """,
    """
    UPDATE carts SET into_cart_id = other
    FROM unnest($1::uuid[], $2::uuid[]) AS given (one, other) WHERE into_cart_id = one
    """,
)


async def erase(connection: Connection, request: ErasureRequested) -> dict[str, int]:
    """Takes the customer and their carts out of all rows from before the request; sums stay what they are.

    How many rows lost their name, by table.
    """
    who = (request.store_id, request.customer_ids, request.occurred_at)
    carts: list[UUID] = [row["cart_id"] for row in await connection.fetch(CARTS, *who)]
    nobody = f"erased:{uuid4()}"
    others = [uuid4() for _ in carts]
    found = {
        table: rows_affected(await connection.execute(statement, *who, nobody))
        for table, statement in OTHER_NAMES.items()
    }
    found["carts"] = rows_affected(await connection.execute(NO_NAME, *who))
    await connection.execute(OF_NOBODY, carts)
    for statement in OTHER_CARTS:
        await connection.execute(statement, carts, others)
    return found
