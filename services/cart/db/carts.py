"""Carts: reading, locking, and saving within a transaction."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.cart import Cart
from services.cart.domain.cart_json import CartView, attributes_json, lines_json, read_lines, read_saved, saved_json
from services.cart.domain.shopper import Shopper

# A name of a customer (a loyalty number) opens the cart of that customer.
READ_OF_CUSTOMER = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, goods_version,
    silent_since, recipient_id, checkout_version
FROM carts WHERE store_id = $1 AND customer_id = coalesce((
    SELECT customer_id FROM identities WHERE store_id = $1 AND identity = $2), $2) AND status = 'active'
"""
READ_OF_GUEST = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, goods_version,
    silent_since, recipient_id, checkout_version
FROM carts WHERE store_id = $1 AND guest_token_hash = $2 AND status = 'active'
"""
LOCK_OF_CUSTOMER = """
SELECT FROM carts WHERE store_id = $1 AND customer_id = coalesce((
    SELECT customer_id FROM identities WHERE store_id = $1 AND identity = $2), $2) AND status = 'active'
FOR UPDATE
"""
LOCK_OF_GUEST = "SELECT FROM carts WHERE store_id = $1 AND guest_token_hash = $2 AND status = 'active' FOR UPDATE"

# In the order of their ids, so that two log-ins can't lock each other out.
LOCK_ACTIVE = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, goods_version,
    silent_since, recipient_id, checkout_version
FROM carts
WHERE status = 'active' AND store_id = $1 AND (
    customer_id = coalesce((SELECT customer_id FROM identities WHERE store_id = $1 AND identity = $2), $2)
    OR guest_token_hash = $3 OR cart_id = ANY ($4::uuid[]))
ORDER BY cart_id FOR UPDATE
"""

LOCK_OF_CUSTOMERS = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, goods_version,
    silent_since, recipient_id, checkout_version
FROM carts WHERE status = 'active' AND store_id = $1 AND customer_id = ANY ($2::text[])
ORDER BY cart_id FOR UPDATE
"""
READ_BY_ID = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, merged_into, created_at, updated_at, goods_version,
    silent_since, recipient_id, checkout_version
FROM carts WHERE cart_id = $1
"""

# A claimed cart leaves its token behind: whoever holds it starts clean. So do the links to it that the guest gave away.
SAVE = """
UPDATE carts
SET version = $2, currency = $3, units = $4, total = $5, lines = $6::jsonb, saved = $13::jsonb,
    attributes = $14::jsonb, updated_at = $7, status = $8,
    customer_id = $9::text, guest_token_hash = CASE WHEN $9::text IS NULL THEN guest_token_hash END,
    recovery_epoch = $10, merged_into = $11, order_id = $12, goods_version = $15, recipient_id = $17,
    checkout_version = $18, silent_since = $16,
    share_epoch = share_epoch + (customer_id IS NULL AND $9::text IS NOT NULL)::int
WHERE cart_id = $1 AND version = $2 - 1 AND status = 'active'
"""
INSERT = """
INSERT INTO carts (cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total, lines,
    saved, attributes, created_at, updated_at, goods_version, silent_since)
VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11::jsonb, $12, $13, $14, $15)
"""
# The owner of the cart before: a customer's id, or a guest's token, of which only the row knows the hash.
INSERT_AFTER = """
INSERT INTO carts (cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total, lines,
    saved, attributes, created_at, updated_at, goods_version, silent_since)
SELECT $2, store_id, customer_id, guest_token_hash, 'active', $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, $10, $11,
    $12, $13
FROM carts WHERE cart_id = $1
"""
REVOKE_LINKS = """
UPDATE carts SET recovery_epoch = recovery_epoch + 1 WHERE store_id = $1 AND cart_id = $2 RETURNING cart_id
"""


def cart_of(row: asyncpg.Record) -> Cart:
    """The cart of a row, for deciding."""
    return Cart(
        cart_id=row["cart_id"],
        store_id=row["store_id"],
        customer_id=row["customer_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        status=row["status"],
        version=row["version"],
        currency=row["currency"],
        lines=read_lines(row["lines"]),
        recovery_epoch=row["recovery_epoch"],
        saved=read_saved(row["saved"]),
        attributes=from_json(row["attributes"]),
        goods_version=row["goods_version"] or row["version"],  # a release that kept none wrote it
        silent_since=row["silent_since"],
        recipient_id=row.get("recipient_id"),  # links show goods to anybody, and do not ask for it
        checkout_version=row.get("checkout_version"),
    )


def view_of(row: asyncpg.Record) -> CartView:
    """The cart of a row, for showing: its lines are passed on unread."""
    return CartView(
        cart_id=row["cart_id"],
        store_id=row["store_id"],
        customer_id=row["customer_id"],
        status=row["status"],
        version=row["version"],
        currency=row["currency"],
        lines=row["lines"].encode(),
        units=row["units"],
        total=row["total"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        saved=row["saved"].encode(),
        attributes=row["attributes"].encode(),
    )


async def read(connection: Connection, shopper: Shopper) -> asyncpg.Record | None:
    """The active cart of a shopper."""
    if shopper.token_hash is None:
        return await connection.fetchrow(READ_OF_CUSTOMER, shopper.store_id, shopper.customer_id)
    return await connection.fetchrow(READ_OF_GUEST, shopper.store_id, shopper.token_hash)


async def lock(connection: Connection, shopper: Shopper) -> None:
    """Holds the row of the active cart, if there is one, until the caller's transaction ends."""
    if shopper.token_hash is None:
        await connection.execute(LOCK_OF_CUSTOMER, shopper.store_id, shopper.customer_id)
    else:
        await connection.execute(LOCK_OF_GUEST, shopper.store_id, shopper.token_hash)


async def lock_active(
    connection: Connection,
    store_id: str,
    customer_id: str | None,
    token_hash: bytes | None,
    cart_ids: Sequence[UUID] = (),
) -> Sequence[Cart]:
    """The active carts of this customer, of this guest's token and of these ids, held until the transaction ends."""
    found = await connection.fetch(LOCK_ACTIVE, store_id, customer_id, token_hash, cart_ids)
    return [cart_of(row) for row in found]


async def lock_of_customers(connection: Connection, store_id: str, customer_ids: Sequence[str]) -> Sequence[Cart]:
    """The active carts of these customers, held until the transaction ends."""
    return [cart_of(row) for row in await connection.fetch(LOCK_OF_CUSTOMERS, store_id, customer_ids)]


async def save(
    connection: Connection, cart: Cart, *, merged_into: UUID | None = None, order_id: str | None = None
) -> None:
    """Writes a cart whose row the transaction holds. Raises `asyncpg.UniqueViolationError` for a second active one."""
    done = await connection.execute(
        SAVE,
        cart.cart_id,
        cart.version,
        cart.currency,
        cart.units,
        cart.total,
        lines_json(cart).decode(),
        cart.updated_at,
        cart.status,
        cart.customer_id,
        cart.recovery_epoch,
        merged_into,
        order_id,
        saved_json(cart).decode(),
        attributes_json(cart).decode(),
        cart.goods_version,
        cart.silent_since,
        cart.recipient_id,
        cart.checkout_version,
    )
    assert rows_affected(done) == 1, "the row is held: nobody else can have moved it"


async def insert(connection: Connection, cart: Cart, owner: Shopper) -> None:
    """Writes a new active cart. Raises `asyncpg.UniqueViolationError` where the owner has one already."""
    await connection.execute(
        INSERT,
        cart.cart_id,
        owner.store_id,
        owner.customer_id,
        owner.token_hash,
        cart.version,
        cart.currency,
        cart.units,
        cart.total,
        lines_json(cart).decode(),
        saved_json(cart).decode(),
        attributes_json(cart).decode(),
        cart.created_at,
        cart.updated_at,
        cart.goods_version,
        cart.silent_since,
    )


async def insert_after(connection: Connection, cart: Cart, follows: UUID) -> None:
    """Writes the active cart that takes over from a closed one, for the same owner.

    Raises `asyncpg.UniqueViolationError` where the owner has an active cart already.
    """
    await connection.execute(
        INSERT_AFTER,
        follows,
        cart.cart_id,
        cart.version,
        cart.currency,
        cart.units,
        cart.total,
        lines_json(cart).decode(),
        saved_json(cart).decode(),
        attributes_json(cart).decode(),
        cart.created_at,
        cart.updated_at,
        cart.goods_version,
        cart.silent_since,
    )


async def read_by_id(connection: Connection, cart_id: UUID) -> asyncpg.Record | None:
    """A cart in whatever state, whosever it is."""
    return await connection.fetchrow(READ_BY_ID, cart_id)


async def revoke_links(connection: Connection, store_id: str, cart_id: UUID) -> bool:
    """Makes every recovery link of the cart that is out worthless; false where there is no such cart."""
    return await connection.fetchval(REVOKE_LINKS, store_id, cart_id) is not None
