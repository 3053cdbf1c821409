"""Announcing what has changed, and the states of many carts at once."""

from collections.abc import Sequence
from uuid import UUID

from libs.postgres.pool import Connection, Pool
from services.cart.identity import Shopper

CHANNEL = "carts"

# The relay is woken in the same statement: a committed change costs no statement more than without streams.
ANNOUNCE = "SELECT pg_notify('outbox', ''), pg_notify('carts', $1)"

STATES = """
SELECT found.cart_id, found.version
FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS asked (store_id, customer_id, token_hash, place)
LEFT JOIN LATERAL (
    SELECT cart_id, version FROM carts
    WHERE status = 'active' AND carts.store_id = asked.store_id AND carts.customer_id = coalesce((
        SELECT identities.customer_id FROM identities
        WHERE identities.store_id = asked.store_id AND identities.identity = asked.customer_id
    ), asked.customer_id)
    UNION ALL
    SELECT cart_id, version FROM carts
    WHERE status = 'active' AND carts.store_id = asked.store_id AND carts.guest_token_hash = asked.token_hash
) AS found ON true
ORDER BY asked.place
"""


async def announce(pool: Pool, payload: str) -> None:
    """Wakes the relay and tells every replica what has changed; `payload` has less than 8000 bytes."""
    await pool.execute(ANNOUNCE, payload)


async def states(connection: Connection, shoppers: Sequence[Shopper]) -> list[tuple[UUID | None, int]]:
    """Which cart each shopper has now, and its version; (None, 0) without one."""
    rows = await connection.fetch(
        STATES,
        [shopper.store_id for shopper in shoppers],
        [shopper.customer_id for shopper in shoppers],
        [shopper.token_hash for shopper in shoppers],
    )
    return [(row["cart_id"], row["version"] or 0) for row in rows]
