"""Carts of several shoppers in one statement: many callers pay for one round trip.

Each row is looked up by its own index search, whatever the planner thinks of the tables' sizes: a limit of one keeps it
from reading a table whole for a join.
"""

from collections.abc import Sequence

import asyncpg

from libs.postgres.pool import Connection
from services.cart.domain.shopper import Shopper

READ_OF_CUSTOMERS = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS one (store_id, name, place)
), told AS MATERIALIZED (
    SELECT store_id, coalesce(
        (SELECT true FROM inventory WHERE inventory.store_id = store.store_id ORDER BY sku LIMIT 1),
        (SELECT true FROM prices WHERE prices.store_id = store.store_id ORDER BY sku LIMIT 1),
        (SELECT true FROM option_prices WHERE option_prices.store_id = store.store_id ORDER BY sku LIMIT 1),
        false) AS supplied
    FROM (SELECT DISTINCT store_id FROM asked) AS store
)
SELECT place, cart.*, (SELECT supplied FROM told WHERE told.store_id = asked.store_id) AS supplied,
    EXISTS (SELECT FROM merges WHERE merges.cart_id = cart.cart_id AND undone_at IS NULL
            AND undo_until > now() - interval '29 days') AS merged
FROM asked CROSS JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
        created_at, updated_at
    FROM carts WHERE carts.store_id = asked.store_id AND carts.customer_id = coalesce((
        SELECT customer_id FROM identities
        WHERE identities.store_id = asked.store_id AND identity = asked.name), asked.name) AND status = 'active'
    LIMIT 1
) AS cart
"""
# What was merged became a customer's.
READ_OF_GUESTS = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS one (store_id, token_hash, place)
), told AS MATERIALIZED (
    SELECT store_id, coalesce(
        (SELECT true FROM inventory WHERE inventory.store_id = store.store_id ORDER BY sku LIMIT 1),
        (SELECT true FROM prices WHERE prices.store_id = store.store_id ORDER BY sku LIMIT 1),
        (SELECT true FROM option_prices WHERE option_prices.store_id = store.store_id ORDER BY sku LIMIT 1),
        false) AS supplied
    FROM (SELECT DISTINCT store_id FROM asked) AS store
)
SELECT place, cart.*, (SELECT supplied FROM told WHERE told.store_id = asked.store_id) AS supplied, false AS merged
FROM asked CROSS JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
        created_at, updated_at
    FROM carts WHERE carts.store_id = asked.store_id AND guest_token_hash = asked.token_hash AND status = 'active'
    LIMIT 1
) AS cart
"""


async def read(connection: Connection, shoppers: Sequence[Shopper]) -> list[asyncpg.Record | None]:
    """What `cart_views.read` gives for each of these shoppers, in their order."""
    found: list[asyncpg.Record | None] = [None] * len(shoppers)
    customers = [place for place, one in enumerate(shoppers) if one.token_hash is None]
    guests = [place for place, one in enumerate(shoppers) if one.token_hash is not None]
    if customers:
        stores, names = _columns([(shoppers[place].store_id, shoppers[place].customer_id) for place in customers])
        for row in await connection.fetch(READ_OF_CUSTOMERS, stores, names):
            found[customers[row["place"] - 1]] = row
    if guests:
        stores, hashes = _columns([(shoppers[place].store_id, shoppers[place].token_hash) for place in guests])
        for row in await connection.fetch(READ_OF_GUESTS, stores, hashes):
            found[guests[row["place"] - 1]] = row
    return found


def _columns(pairs: Sequence[tuple[str, str | bytes | None]]) -> tuple[list[str], list[str | bytes | None]]:
    return [first for first, _ in pairs], [second for _, second in pairs]
