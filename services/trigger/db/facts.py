"""What campaigns go by beside the carts: abandonments, goods. Takes a connection, never commits."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import LevelSet
from libs.postgres.pool import Connection
from services.trigger.db.columns import columns
from services.trigger.domain.facts import NO_EPISODE, Episode, ItemFacts, item_facts
from services.trigger.domain.orders import Customer, OrderKey

ABANDONED = """
SELECT store_id, customer_id, cart_id, cart_version, min(due_at) AS first_due_at
FROM decisions JOIN unnest($1::text[], $2::text[]) AS t(store_id, customer_id) USING (store_id, customer_id)
WHERE sku IS NULL AND cart_id IS NOT NULL AND reason <> ALL ($3::text[])
GROUP BY store_id, customer_id, cart_id, cart_version
"""
HELD = "SELECT cart_id, sku FROM holdings WHERE cart_id = ANY ($1::uuid[])"
ITEMS = """
SELECT store_id, sku, available, category
FROM stock_items JOIN unnest($1::text[], $2::text[]) AS t(store_id, sku) USING (store_id, sku)
"""
OF_ORDERS = """
SELECT store_id, order_id, total, currency, skus
FROM customer_orders JOIN unnest($1::text[], $2::text[]) AS t(store_id, order_id) USING (store_id, order_id)
"""
WITH_CARTS = """
SELECT store_id, customer_id FROM unnest($1::text[], $2::text[]) AS t(store_id, customer_id)
WHERE EXISTS (
    SELECT FROM carts AS c
    WHERE c.store_id = t.store_id AND c.customer_id = t.customer_id AND c.closed_at IS NULL AND c.units > 0
)
"""
SAVE_ITEMS = """
INSERT INTO stock_items AS s (store_id, sku, available, level_version, category)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
ON CONFLICT (store_id, sku) DO UPDATE SET
    available = excluded.available, level_version = excluded.level_version, category = excluded.category
WHERE s.level_version < excluded.level_version
"""


class OrderedNow(NamedTuple):
    """What an order comes to now, in minor units of its currency, and of which skus it was, as far as that is known."""

    total: int | None = None
    currency: str | None = None
    skus: Collection[str] = ()


async def abandoned(connection: Connection, customers: Collection[Customer]) -> dict[Customer, dict[Episode, datetime]]:
    """When each episode of these customers came to its first step; all of them are among the answers."""
    found: dict[Customer, dict[Episode, datetime]] = {customer: {} for customer in customers}
    pairs = [store for store, _ in found], [customer for _, customer in found]
    for row in await connection.fetch(ABANDONED, *pairs, sorted(NO_EPISODE)):
        customer = (row["store_id"], row["customer_id"])
        found[customer][row["cart_id"], row["cart_version"]] = row["first_due_at"]
    return found


async def held(connection: Connection, cart_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """What is in carts of customers."""
    found: dict[UUID, list[str]] = {}
    for row in await connection.fetch(HELD, sorted(cart_ids)):
        found.setdefault(row["cart_id"], []).append(row["sku"])
    return found


async def items(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], ItemFacts]:
    """What is known of items, by store and sku."""
    ordered = sorted(set(wanted))
    rows = await connection.fetch(ITEMS, [store for store, _ in ordered], [sku for _, sku in ordered])
    return {(row["store_id"], row["sku"]): ItemFacts(row["available"], row["category"]) for row in rows}


async def of_orders(connection: Connection, wanted: Collection[OrderKey]) -> dict[OrderKey, OrderedNow]:
    """What those of the orders that are known come to now, and of which skus they were."""
    if not wanted:
        return {}
    rows = await connection.fetch(OF_ORDERS, *map(list, zip(*sorted(wanted), strict=True)))
    return {(r["store_id"], r["order_id"]): OrderedNow(r["total"], r["currency"], r["skus"] or ()) for r in rows}


async def with_carts(connection: Connection, customers: Collection[Customer]) -> set[Customer]:
    """Those of the customers who have an open cart with goods."""
    if not customers:
        return set()
    rows = await connection.fetch(WITH_CARTS, *map(list, zip(*sorted(customers), strict=True)))
    return {(row["store_id"], row["customer_id"]) for row in rows}


async def save_items(connection: Connection, levels: Iterable[LevelSet]) -> None:
    """Writes levels, each item at most once and in one order; an older one changes nothing."""
    newest: dict[tuple[str, str], LevelSet] = {}
    for level in levels:
        known = newest.get((level.store_id, level.sku))
        if known is None or known.level_version < level.level_version:
            newest[level.store_id, level.sku] = level
    ordered = [newest[item] for item in sorted(newest)]
    store_ids, skus, versions, categories = columns(ordered, "store_id", "sku", "level_version", "category")
    left = [item_facts(level).available for level in ordered]
    await connection.execute(SAVE_ITEMS, store_ids, skus, left, versions, categories)
