"""What customers have ordered. Takes a connection, never commits."""

import json
from collections.abc import Collection, Mapping, Sequence

import asyncpg

from libs.postgres.pool import Connection
from services.trigger.db.columns import columns
from services.trigger.domain.orders import Customer, CustomerOrder, OrderKey

LOCK = """
SELECT store_id, order_id, customer_id, cart_id, placed_at, currency, total, status, channel, first_told_at,
       last_told_at
FROM customer_orders JOIN unnest($1::text[], $2::text[]) AS t(store_id, order_id) USING (store_id, order_id)
ORDER BY store_id, order_id
FOR UPDATE OF customer_orders
"""
# Where another process has read an event of the same order meanwhile, the newer one stays.
SAVE = """
INSERT INTO customer_orders AS o (store_id, order_id, customer_id, cart_id, placed_at, currency, total, status, channel,
                                  first_told_at, last_told_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[], $6::text[], $7::bigint[],
                     $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[])
ON CONFLICT (store_id, order_id) DO UPDATE SET
    customer_id = excluded.customer_id, cart_id = excluded.cart_id, placed_at = excluded.placed_at,
    currency = excluded.currency, total = excluded.total, status = excluded.status, channel = excluded.channel,
    first_told_at = least(o.first_told_at, excluded.first_told_at), last_told_at = excluded.last_told_at
WHERE o.last_told_at <= excluded.last_told_at
"""
# What it was of at first: nothing that is told of it later takes an item out of it.
SAVE_SKUS = """
UPDATE customer_orders AS o SET skus = (
    SELECT array_agg(DISTINCT sku ORDER BY sku) FROM jsonb_array_elements_text(t.skus) AS sku
)
FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS t(store_id, order_id, skus)
WHERE o.store_id = t.store_id AND o.order_id = t.order_id AND o.skus IS NULL
"""
OF_CUSTOMERS = """
SELECT store_id, order_id, customer_id, cart_id, placed_at, currency, total, status, channel, first_told_at,
       last_told_at
FROM customer_orders JOIN unnest($1::text[], $2::text[]) AS t(store_id, customer_id) USING (store_id, customer_id)
ORDER BY placed_at, order_id
"""
COLUMNS = tuple(CustomerOrder.__slots__)


async def lock(connection: Connection, keys: Collection[OrderKey]) -> dict[OrderKey, CustomerOrder]:
    """Those of the orders that are known, held until the caller's transaction ends."""
    return {order.key: order for order in map(_order, await connection.fetch(LOCK, *_pairs(keys)))}


async def save(connection: Connection, orders: Collection[CustomerOrder]) -> None:
    """Writes orders, each at most once."""
    ordered = sorted(orders, key=lambda order: order.key)
    await connection.execute(SAVE, *columns(ordered, *COLUMNS))


async def save_skus(connection: Connection, skus: Mapping[OrderKey, Collection[str]]) -> None:
    """Notes what orders were of, where that is not known of them yet."""
    ordered = sorted(skus)
    kept = [json.dumps(sorted(skus[key])) for key in ordered]
    await connection.execute(SAVE_SKUS, [store for store, _ in ordered], [order for _, order in ordered], kept)


async def of_customers(
    connection: Connection, customers: Collection[Customer]
) -> Mapping[Customer, Sequence[CustomerOrder]]:
    """All that these customers have ordered in 400 days, the oldest first, also what came to nothing: see `counts`.

    One statement, whatever their number; who has ordered nothing is not among the answers.
    """
    if not customers:
        return {}
    found: dict[Customer, list[CustomerOrder]] = {}
    for row in await connection.fetch(OF_CUSTOMERS, *_pairs(customers)):
        found.setdefault((row["store_id"], row["customer_id"]), []).append(_order(row))
    return found


def _pairs(keys: Collection[tuple[str, str]]) -> tuple[list[str], list[str]]:
    ordered = sorted(set(keys))
    return [one for one, _ in ordered], [other for _, other in ordered]


def _order(row: asyncpg.Record) -> CustomerOrder:
    return CustomerOrder(**row)
