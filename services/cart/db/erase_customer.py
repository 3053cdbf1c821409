"""What an erasure takes out of each table. Carts in batches: a customer may have left thousands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

NEWEST = "SELECT max(updated_at) FROM carts WHERE store_id = $1 AND customer_id = ANY ($2::text[])"
# Active ones first: their reminders are to stop at once.
CARTS = """
SELECT cart_id, status, version FROM carts
WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND updated_at <= $3
ORDER BY status = 'active' DESC, cart_id LIMIT $4 FOR UPDATE
"""
MERGES = """
DELETE FROM merges WHERE cart_id = ANY ($1::uuid[])
RETURNING guest_token_hash, (receipt ->> 'from_cart_id')::uuid AS from_cart_id
"""
# An order stays known, so that the same order again is the same order; whose it was and where it went do not.
ORDERS = """
WITH theirs AS (
    SELECT order_id FROM orders WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND placed_at <= $3
    ORDER BY order_id LIMIT $4 FOR UPDATE
), links AS (
    UPDATE order_events SET tracking_url = NULL
    WHERE store_id = $1 AND order_id = ANY (ARRAY(SELECT order_id FROM theirs)) AND tracking_url IS NOT NULL
    RETURNING 1
)
UPDATE orders SET customer_id = NULL, awaited = '{}'
WHERE store_id = $1 AND order_id = ANY (ARRAY(SELECT order_id FROM theirs))
RETURNING closed_carts || next_carts || reopened || earlier_carts AS carts, (SELECT count(*) FROM links) AS links
"""
# What the same person gathered before logging in: merged, ordered, or given back by an undo. Not what went to others.
GUEST_CARTS = """
SELECT cart_id, status, version, guest_token_hash FROM carts
WHERE store_id = $1 AND customer_id IS NULL AND updated_at <= $5 AND (
    cart_id = ANY ($2::uuid[]) OR (cart_id = ANY ($3::uuid[]) AND status <> 'merged')
    OR (guest_token_hash = ANY ($4::bytea[]) AND status = 'active'))
ORDER BY cart_id FOR UPDATE
"""
RESERVATIONS = "DELETE FROM reservations WHERE cart_id = ANY ($1::uuid[])"
ACKS = "DELETE FROM notice_acks WHERE cart_id = ANY ($1::uuid[])"
DELETE = "DELETE FROM carts WHERE cart_id = ANY ($1::uuid[])"
ANSWERS = """
DELETE FROM idempotency_keys WHERE store_id = $1 AND (caller = ANY ($2::text[]) OR about = ANY ($3::text[]))
"""
IDENTITIES = (
    "DELETE FROM identities WHERE store_id = $1 AND (customer_id = ANY ($2::text[]) OR identity = ANY ($2::text[]))"
)
PROFILES = "DELETE FROM profiles WHERE store_id = $1 AND customer_id = ANY ($2::text[])"


@dataclass(frozen=True, slots=True)
class Found:
    """A cart that is to go; `active` until now. `token_hash` is of the guest whose it was, if it was one's."""

    cart_id: UUID
    active: bool
    version: int
    token_hash: bytes | None = None


async def newest(connection: Connection, store_id: str, names: Sequence[str]) -> datetime | None:
    """When a cart of these names last changed."""
    found: datetime | None = await connection.fetchval(NEWEST, store_id, names)
    return found


async def carts(
    connection: Connection, store_id: str, names: Sequence[str], until: datetime, limit: int
) -> list[Found]:
    """The next carts of these names that did not change after `until`, held until the transaction ends."""
    rows = await connection.fetch(CARTS, store_id, names, until, limit)
    return [Found(row["cart_id"], row["status"] == "active", row["version"]) for row in rows]


async def merges(connection: Connection, cart_ids: Sequence[UUID]) -> tuple[int, list[UUID], list[bytes]]:
    """Deletes the receipts of carts; how many, the guests' carts that they tell of, and the hashes of their tokens."""
    rows = await connection.fetch(MERGES, cart_ids)
    carts_merged = [row["from_cart_id"] for row in rows if row["from_cart_id"]]
    return len(rows), carts_merged, [row["guest_token_hash"] for row in rows if row["guest_token_hash"]]


async def orders(
    connection: Connection, store_id: str, names: Sequence[str], until: datetime, limit: int
) -> tuple[int, int, list[UUID]]:
    """Takes the name from up to `limit` orders, and where their parcels are followed; how many orders, how many such
    links, and the carts that they closed or began.
    """
    rows = await connection.fetch(ORDERS, store_id, names, until, limit)
    links = rows[0]["links"] if rows else 0
    return len(rows), links, [cart_id for row in rows for cart_id in row["carts"]]


async def guest_carts(
    connection: Connection,
    store_id: str,
    merged: Sequence[UUID],
    ordered: Sequence[UUID],
    token_hashes: Sequence[bytes],
    until: datetime,
) -> list[Found]:
    """The guests' carts that were merged, ordered, or are open under these tokens; held until the transaction ends."""
    rows = await connection.fetch(GUEST_CARTS, store_id, merged, ordered, token_hashes, until)
    return [Found(row["cart_id"], row["status"] == "active", row["version"], row["guest_token_hash"]) for row in rows]


async def remove(connection: Connection, cart_ids: Sequence[UUID]) -> dict[str, int]:
    """Deletes carts with the notices that were seen in them and the stock that they hold; how many rows by table."""
    steps = {"notice_acks": ACKS, "reservations": RESERVATIONS, "carts": DELETE}
    return {table: _count(await connection.execute(query, cart_ids)) for table, query in steps.items()}


async def answers(connection: Connection, store_id: str, callers: Sequence[str], about: Sequence[str]) -> int:
    """Deletes the answers that were kept for these callers, or for servers about these customers and carts."""
    return _count(await connection.execute(ANSWERS, store_id, callers, about))


async def identities(connection: Connection, store_id: str, names: Sequence[str]) -> int:
    """Deletes what leads from these names or to them."""
    return _count(await connection.execute(IDENTITIES, store_id, names))


async def profiles(connection: Connection, store_id: str, names: Sequence[str]) -> int:
    """Deletes the contact data of these names."""
    return _count(await connection.execute(PROFILES, store_id, names))


def _count(status: str) -> int:
    return rows_affected(status)
