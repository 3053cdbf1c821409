"""The carts that an order has to do with: the one that it names, and all that are open of whoever ordered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from services.cart.db.carts import cart_of
from services.cart.domain.cart import Cart

READ = """
SELECT cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total, lines, saved,
    attributes, recovery_epoch, merged_into, order_id, created_at, updated_at, goods_version, silent_since,
    recipient_id, checkout_version
FROM carts WHERE store_id = $1 AND cart_id = $2
"""
# In the order of their ids, as everybody does who locks several carts, so that nobody locks anybody out.
LOCK = """
SELECT cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total, lines, saved,
    attributes, recovery_epoch, merged_into, order_id, created_at, updated_at, goods_version, silent_since,
    recipient_id, checkout_version
FROM carts
WHERE status = 'active' AND store_id = $1
  AND (customer_id = ANY ($2::text[]) OR cart_id = ANY (ARRAY(
    SELECT cart_id FROM guest_recipients AS g WHERE g.store_id = $1 AND g.recipient_id = ANY ($2::text[])))
    OR guest_token_hash = ANY ($3::bytea[])
    OR cart_id = ANY ($4::uuid[]))
ORDER BY cart_id FOR UPDATE
"""
# Accounts that share an address are one person to whoever reads the reminder.
SHARING_CONTACT = """
SELECT other.customer_id FROM profiles AS mine
JOIN profiles AS other ON other.store_id = mine.store_id AND lower(other.email) = lower(mine.email)
WHERE mine.store_id = $1 AND mine.customer_id = ANY ($2::text[])
UNION
SELECT other.customer_id FROM profiles AS mine
JOIN profiles AS other ON other.store_id = mine.store_id AND other.phone = mine.phone
WHERE mine.store_id = $1 AND mine.customer_id = ANY ($2::text[])
UNION
SELECT other.customer_id FROM profiles AS mine CROSS JOIN jsonb_each(mine.handles) AS one (channel, known)
JOIN profiles AS other ON other.store_id = mine.store_id AND other.handles <> '{}'
    AND other.handles @> jsonb_build_object(one.channel, jsonb_build_object('handle', one.known -> 'handle'))
WHERE mine.store_id = $1 AND mine.customer_id = ANY ($2::text[])
ORDER BY 1 LIMIT $3
"""

SILENCE = "UPDATE carts SET silent_since = $2 WHERE cart_id = ANY ($1::uuid[])"


@dataclass(frozen=True, slots=True)
class OwnedCart:
    """A cart with whose it is: `token_hash` is of a guest's token. `order_id` is that of the order that closed it."""

    cart: Cart
    token_hash: bytes | None
    merged_into: UUID | None
    order_id: str | None


async def read(connection: Connection, store_id: str, cart_id: UUID) -> OwnedCart | None:
    """A cart of the store, in whatever state."""
    row = await connection.fetchrow(READ, store_id, cart_id)
    return None if row is None else _owned(row)


async def lock(
    connection: Connection,
    store_id: str,
    customers: Collection[str],
    token_hashes: Collection[bytes],
    cart_ids: Collection[UUID],
) -> Sequence[OwnedCart]:
    """The active carts of these customers, of these guests' tokens and of these ids, held by the transaction."""
    rows = await connection.fetch(LOCK, store_id, list(customers), list(token_hashes), list(cart_ids))
    return [_owned(row) for row in rows]


async def sharing_contact(connection: Connection, store_id: str, customers: Collection[str], limit: int) -> set[str]:
    """The customers who have an address or a number in common with one of these; at most `limit`."""
    rows = await connection.fetch(SHARING_CONTACT, store_id, list(customers), limit)
    return {row["customer_id"] for row in rows}


async def silence(connection: Connection, cart_ids: Sequence[UUID], since: datetime) -> None:
    """Nobody is reminded of these carts, whose rows the transaction holds, until their goods change."""
    await connection.execute(SILENCE, cart_ids, since)


def _owned(row: asyncpg.Record) -> OwnedCart:
    return OwnedCart(cart_of(row), row["guest_token_hash"], row["merged_into"], row["order_id"])
