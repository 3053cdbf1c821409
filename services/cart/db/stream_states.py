"""Announcing what has changed, and the states of many carts at once."""

from collections.abc import Sequence

from libs.postgres.pool import Connection, Pool
from services.cart.db.cart_views import facts_of
from services.cart.domain.cart_json import State
from services.cart.domain.shopper import Shopper

CHANNEL = "carts"

# The relay is woken in the same statement: a committed change costs no statement more than without streams.
ANNOUNCE = "SELECT pg_notify('outbox', ''), pg_notify('carts', $1)"

# The same facts as a look's, looked up in the same way; many carts at once cost a small part of as many looks.
STATES = """
SELECT found.cart_id, found.version,
    (SELECT jsonb_agg(jsonb_build_array(level.sku, level.available, level.version, level.updated_at))
     FROM jsonb_array_elements(found.lines) AS line
     CROSS JOIN LATERAL stock_left(asked.store_id, line ->> 'sku', ARRAY[found.cart_id]) AS level
     WHERE level.available < found.units)::text AS levels,
    (SELECT jsonb_agg(jsonb_build_array(line ->> 'line_id', cost.price, cost.version, cost.updated_at))
     FROM jsonb_array_elements(found.lines) AS line
     CROSS JOIN LATERAL told_price(asked.store_id, line ->> 'sku', found.currency, line -> 'options') AS cost
     WHERE cost.price <> (line ->> 'price')::bigint AND line -> 'fixed_price' IS DISTINCT FROM 'true')::text AS prices
FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS asked (store_id, customer_id, token_hash, place)
LEFT JOIN LATERAL (
    SELECT cart_id, version, units, currency, lines FROM carts
    WHERE status = 'active' AND carts.store_id = asked.store_id AND carts.customer_id = coalesce((
        SELECT identities.customer_id FROM identities
        WHERE identities.store_id = asked.store_id AND identities.identity = asked.customer_id
    ), asked.customer_id)
    UNION ALL
    SELECT cart_id, version, units, currency, lines FROM carts
    WHERE status = 'active' AND carts.store_id = asked.store_id AND carts.guest_token_hash = asked.token_hash
) AS found ON true
ORDER BY asked.place
"""


async def announce(pool: Pool, payload: str) -> None:
    """Wakes the relay and tells every replica what has changed; `payload` has less than 8000 bytes."""
    await pool.execute(ANNOUNCE, payload)


async def states(connection: Connection, shoppers: Sequence[Shopper]) -> list[State]:
    """What a look would find of each shopper, as far as it tells whether there is something new."""
    rows = await connection.fetch(
        STATES,
        [shopper.store_id for shopper in shoppers],
        [shopper.customer_id for shopper in shoppers],
        [shopper.token_hash for shopper in shoppers],
    )
    return [(row["cart_id"], row["version"] or 0, facts_of(row)) for row in rows]
