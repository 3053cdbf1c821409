"""When something of a store last came in, as far as it was read. Only reads."""

from dataclasses import dataclass
from datetime import datetime

from libs.postgres.pool import Connection

# each the end of an index, or the few rows of the store's items
LAST = """
SELECT (SELECT max(placed_at) FROM orders WHERE store_id = $1) AS order_at,
    (SELECT max(changed_at) FROM carts WHERE store_id = $1) AS cart_at,
    (SELECT max(since) FROM stock_levels WHERE store_id = $1) AS crossing_at
"""


@dataclass(frozen=True, slots=True)
class CameIn:
    """When the newest order was placed, a cart changed last, and an item crossed its threshold; None: never."""

    order_at: datetime | None
    cart_at: datetime | None
    crossing_at: datetime | None


async def last(connection: Connection, store_id: str) -> CameIn:
    """Of one store."""
    row = await connection.fetchrow(LAST, store_id)
    assert row is not None, "a maximum is there of nothing, too"
    return CameIn(**row)
