"""Links to shared carts: nothing of them is stored but the epoch that revokes them."""

from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from services.cart.domain.shopper import Shopper

READ_OF_CUSTOMER = """
SELECT cart_id, share_epoch FROM carts WHERE store_id = $1 AND customer_id = $2 AND status = 'active'
"""
READ_OF_GUEST = """
SELECT cart_id, share_epoch FROM carts WHERE store_id = $1 AND guest_token_hash = $2 AND status = 'active'
"""
READ_BY_ID = """
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    recovery_epoch, share_epoch, merged_into, created_at, updated_at, goods_version,
    silent_since
FROM carts WHERE cart_id = $1
"""
REVOKE_OF_CUSTOMER = """
UPDATE carts SET share_epoch = share_epoch + 1 WHERE store_id = $1 AND customer_id = $2 AND status = 'active'
"""
REVOKE_OF_GUEST = """
UPDATE carts SET share_epoch = share_epoch + 1 WHERE store_id = $1 AND guest_token_hash = $2 AND status = 'active'
"""


async def read(connection: Connection, shopper: Shopper) -> tuple[UUID, int] | None:
    """Id and epoch of the shopper's active cart."""
    if shopper.token_hash is None:
        row = await connection.fetchrow(READ_OF_CUSTOMER, shopper.store_id, shopper.customer_id)
    else:
        row = await connection.fetchrow(READ_OF_GUEST, shopper.store_id, shopper.token_hash)
    return None if row is None else (row["cart_id"], row["share_epoch"])


async def read_by_id(connection: Connection, cart_id: UUID) -> asyncpg.Record | None:
    """A cart in whatever state, with its epoch."""
    return await connection.fetchrow(READ_BY_ID, cart_id)


async def revoke(connection: Connection, shopper: Shopper) -> None:
    """Makes every link to the shopper's active cart worthless."""
    if shopper.token_hash is None:
        await connection.execute(REVOKE_OF_CUSTOMER, shopper.store_id, shopper.customer_id)
    else:
        await connection.execute(REVOKE_OF_GUEST, shopper.store_id, shopper.token_hash)
