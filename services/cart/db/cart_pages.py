"""All carts of a customer, page by page."""

from collections.abc import Sequence
from uuid import UUID

from libs.postgres.pool import Connection
from libs.runtime.ids import LATEST
from services.cart.db.carts import view_of
from services.cart.domain.cart_json import CartView

PAGE = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes, created_at,
    updated_at
FROM carts WHERE store_id = $1 AND customer_id = $2 AND cart_id < $3 ORDER BY cart_id DESC LIMIT $4
"""


async def read_page(
    connection: Connection, store_id: str, customer_id: str, after: UUID | None, limit: int
) -> Sequence[CartView]:
    """Up to `limit` carts of a customer in whatever state, newest first, behind one of them."""
    return [view_of(row) for row in await connection.fetch(PAGE, store_id, customer_id, after or LATEST, limit)]
