"""Carts as they were told last: again, or in another order, it comes to the same. Never commits."""

from collections.abc import Iterable
from operator import attrgetter

from libs.postgres.pool import Connection
from services.console.domain.carts import CartState

FIELDS = (
    *("cart_id", "store_id", "customer_id", "version", "goods_version", "changed_at", "units", "total", "currency"),
    *("closed_by", "into_cart_id"),
)
KEEP = """
INSERT INTO carts AS known (cart_id, store_id, customer_id, version, goods_version, changed_at, units, total, currency,
    closed_by, into_cart_id)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::int[],
    $8::bigint[], $9::text[], $10::text[], $11::uuid[]) AS given (cart_id) ORDER BY cart_id
ON CONFLICT (cart_id) DO UPDATE SET
    changed_at = CASE WHEN excluded.goods_version > known.goods_version THEN excluded.changed_at
        WHEN excluded.goods_version = known.goods_version THEN least(known.changed_at, excluded.changed_at)
        ELSE known.changed_at END,
    goods_version = greatest(known.goods_version, excluded.goods_version),
    version = greatest(known.version, excluded.version),
    customer_id = CASE WHEN excluded.version > known.version THEN excluded.customer_id ELSE known.customer_id END,
    units = CASE WHEN excluded.version > known.version THEN excluded.units ELSE known.units END,
    total = CASE WHEN excluded.version > known.version THEN excluded.total ELSE known.total END,
    currency = CASE WHEN excluded.version > known.version THEN excluded.currency ELSE known.currency END,
    closed_by = CASE WHEN excluded.version > known.version THEN excluded.closed_by ELSE known.closed_by END,
    into_cart_id = CASE WHEN excluded.version > known.version THEN excluded.into_cart_id ELSE known.into_cart_id END
WHERE excluded.version > known.version OR excluded.goods_version > known.goods_version
    OR (excluded.goods_version = known.goods_version AND excluded.changed_at < known.changed_at)
"""
# What was clicked for a cart counts for the cart into which it went.
MERGED = """
INSERT INTO stale_days (store_id, day)
SELECT DISTINCT orders.store_id, (placed_at AT TIME ZONE coalesce(time_zone, 'UTC'))::date
FROM orders LEFT JOIN stores USING (store_id) WHERE cart_id = ANY ($1::uuid[])
"""

_row = attrgetter(*FIELDS)


async def keep(connection: Connection, carts: Iterable[CartState]) -> None:
    """Writes carts, each of them once among `carts`."""
    states = list(carts)
    if not states:
        return
    await connection.execute(KEEP, *zip(*map(_row, states), strict=True))
    if merged := [cart.into_cart_id for cart in states if cart.into_cart_id]:
        await connection.execute(MERGED, merged)
