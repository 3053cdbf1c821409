"""Other names of customers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.shopper import Shopper

# Names are few and seldom change: one at a time in a store, so that no name ever leads to another name.
LOCK_NAMES = "SELECT pg_advisory_xact_lock(hashtextextended('identities:' || $1, 0))"
HOLD_NAMES = "SELECT pg_advisory_xact_lock_shared(hashtextextended('identities:' || $1, 0))"
RESOLVE = "SELECT customer_id FROM identities WHERE store_id = $1 AND identity = $2"
NAMES = "SELECT identity FROM identities WHERE store_id = $1 AND customer_id = $2 ORDER BY identity"
PAGE = """
SELECT identity FROM identities WHERE store_id = $1 AND customer_id = $2 AND identity > $3 ORDER BY identity LIMIT $4
"""
POINT = """
INSERT INTO identities (store_id, identity, customer_id, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (store_id, identity) DO UPDATE SET customer_id = excluded.customer_id
"""
REPOINT = "UPDATE identities SET customer_id = $3 WHERE store_id = $1 AND customer_id = $2"
REMOVE = "DELETE FROM identities WHERE store_id = $1 AND identity = $2 AND customer_id = $3"
REMOVE_ALL = "DELETE FROM identities WHERE store_id = $1 AND customer_id = $2"
# What was ordered or has expired under the old name belongs to the one customer as well.
ADOPT_CLOSED = "UPDATE carts SET customer_id = $3 WHERE store_id = $1 AND customer_id = $2 AND status <> 'active'"


async def lock_names(connection: Connection, store_id: str) -> None:
    """Nobody else changes names in this store until the caller's transaction ends."""
    await connection.execute(LOCK_NAMES, store_id)


async def hold_names(connection: Connection, store_id: str) -> None:
    """Names in this store stay as they are until the caller's transaction ends; many may hold them at once."""
    await connection.execute(HOLD_NAMES, store_id)


async def resolve(connection: Connection, store_id: str, name: str) -> str:
    """The customer who goes by this name; the name itself where it is nobody else's."""
    return await connection.fetchval(RESOLVE, store_id, name) or name


async def acting(connection: Connection, shopper: Shopper) -> Shopper:
    """The shopper under the name by which carts are kept."""
    if shopper.customer_id is None:
        return shopper
    return replace(shopper, customer_id=await resolve(connection, shopper.store_id, shopper.customer_id))


async def page(connection: Connection, store_id: str, customer_id: str, after: str, limit: int) -> Sequence[str]:
    """Up to `limit` of the other names of a customer, behind one."""
    return [row["identity"] for row in await connection.fetch(PAGE, store_id, customer_id, after, limit)]


async def names(connection: Connection, store_id: str, customer_id: str) -> Sequence[str]:
    """The other names of a customer."""
    return [row["identity"] for row in await connection.fetch(NAMES, store_id, customer_id)]


async def point(connection: Connection, store_id: str, name: str, customer_id: str, now: datetime) -> None:
    """Makes a name, and every other name of its bearer, lead to a customer, and so does what was ordered under it."""
    await connection.execute(REPOINT, store_id, name, customer_id)
    await connection.execute(POINT, store_id, name, customer_id, now)
    await connection.execute(ADOPT_CLOSED, store_id, name, customer_id)


async def remove(connection: Connection, store_id: str, name: str, customer_id: str) -> bool:
    """Takes a name from a customer; false where it was not this customer's."""
    return rows_affected(await connection.execute(REMOVE, store_id, name, customer_id)) == 1


async def remove_all(connection: Connection, store_id: str, customer_id: str) -> None:
    """Forgets all other names of a customer."""
    await connection.execute(REMOVE_ALL, store_id, customer_id)
