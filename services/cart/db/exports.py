"""Everything that is held on a customer, page by page, in the shapes in which it is shown."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection

CARTS = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, order_id
FROM carts WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND cart_id > $3 ORDER BY cart_id LIMIT $4
"""
# What the same person gathered before logging in, as an erasure finds it.
GUEST_CARTS = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, order_id
FROM carts
WHERE store_id = $1 AND customer_id IS NULL AND (
    cart_id = ANY ($2::uuid[]) OR (cart_id = ANY ($3::uuid[]) AND status <> 'merged')
    OR (guest_token_hash = ANY ($4::bytea[]) AND status = 'active'))
ORDER BY cart_id
"""
MERGES = """
SELECT cart_id, guest_token_hash, (receipt ->> 'from_cart_id')::uuid AS from_cart_id, receipt, undoing, undone_at
FROM merges WHERE cart_id = ANY ($1::uuid[]) ORDER BY merge_id
"""
ACKS = """
SELECT cart_id, device, notice_id, acknowledged_at FROM notice_acks WHERE cart_id = ANY ($1::uuid[])
ORDER BY acknowledged_at
"""
RESERVATIONS = """
SELECT cart_id, sku, units, expires_at FROM reservations WHERE cart_id = ANY ($1::uuid[]) AND units > 0
ORDER BY cart_id, sku
"""
ORDERS = """
SELECT order_id, customer_id, cart_id, currency, total, units, next_carts, mismatches, placed_at, channel,
    closed_carts || earlier_carts AS closed_carts,
    (SELECT coalesce(json_agg(json_build_object('type', type, 'occurred_at', occurred_at, 'units', units,
        'tracking_url', tracking_url)
        ORDER BY occurred_at, sequence), '[]')
     FROM order_events WHERE order_events.store_id = orders.store_id AND order_events.order_id = orders.order_id
    )::text AS history
FROM orders WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND order_id > $3 ORDER BY order_id LIMIT $4
"""
IDENTITIES = """
SELECT identity, customer_id, created_at FROM identities WHERE store_id = $1 AND customer_id = $2 ORDER BY identity
"""


async def carts(
    connection: Connection, store_id: str, names: Sequence[str], after: UUID, limit: int
) -> Sequence[asyncpg.Record]:
    """The next carts in the order of their ids, in whatever state."""
    return await connection.fetch(CARTS, store_id, names, after, limit)


async def guest_carts(
    connection: Connection,
    store_id: str,
    merged: Sequence[UUID],
    ordered: Sequence[UUID],
    token_hashes: Sequence[bytes],
) -> Sequence[asyncpg.Record]:
    """The guests' carts that were merged, ordered, or are open under these tokens."""
    return await connection.fetch(GUEST_CARTS, store_id, merged, ordered, token_hashes)


async def merges(connection: Connection, cart_ids: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """The receipts of carts, with what is kept to undo them."""
    return await connection.fetch(MERGES, cart_ids)


async def acks(connection: Connection, cart_ids: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """The notices that were seen in carts: cart_id, device, notice_id, acknowledged_at."""
    return await connection.fetch(ACKS, cart_ids)


async def reservations(connection: Connection, cart_ids: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """The stock that carts hold: cart_id, sku, units, expires_at."""
    return await connection.fetch(RESERVATIONS, cart_ids)


async def orders(
    connection: Connection, store_id: str, names: Sequence[str], after: str, limit: int
) -> Sequence[asyncpg.Record]:
    """The next orders in the order of their ids."""
    return await connection.fetch(ORDERS, store_id, names, after, limit)


async def identities(connection: Connection, store_id: str, owner: str) -> Sequence[asyncpg.Record]:
    """The other names of a customer: identity, customer_id, created_at."""
    return await connection.fetch(IDENTITIES, store_id, owner)
