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
    coalesce((SELECT true FROM merges WHERE merges.cart_id = cart.cart_id AND undone_at IS NULL
              AND undo_until > now() - interval '29 days' LIMIT 1), false) AS merged
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
# `cart_views.READ_WITH_NOTICES_…` of many.
LOOK_OF_CUSTOMERS = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS one (store_id, name, device, place)
)
SELECT place, cart.*,
    (SELECT jsonb_agg(jsonb_build_array(level.sku, level.available, level.version, level.updated_at))
     FROM jsonb_array_elements(cart.lines) AS line
     CROSS JOIN LATERAL stock_left(cart.store_id, line ->> 'sku', ARRAY[cart.cart_id]) AS level
     WHERE level.available < cart.units)::text AS levels,
    (SELECT jsonb_agg(jsonb_build_array(line ->> 'line_id', cost.price, cost.version, cost.updated_at))
     FROM jsonb_array_elements(cart.lines) AS line
     CROSS JOIN LATERAL told_price(cart.store_id, line ->> 'sku', cart.currency, line -> 'options') AS cost
     WHERE cost.price <> (line ->> 'price')::bigint AND line -> 'fixed_price' IS DISTINCT FROM 'true')::text AS prices,
    (SELECT receipt::text FROM merges
     WHERE merges.cart_id = cart.cart_id AND undone_at IS NULL AND undo_until > now() - interval '29 days'
     ORDER BY merge_id DESC LIMIT 1) AS receipt,
    ARRAY(SELECT notice_id FROM notice_acks
          WHERE notice_acks.cart_id = cart.cart_id AND notice_acks.device = asked.device) AS acknowledged
FROM asked CROSS JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
        recovery_epoch, merged_into, created_at, updated_at
    FROM carts WHERE carts.store_id = asked.store_id AND carts.customer_id = coalesce((
        SELECT customer_id FROM identities
        WHERE identities.store_id = asked.store_id AND identity = asked.name), asked.name) AND status = 'active'
    LIMIT 1
) AS cart
"""
LOOK_OF_GUESTS = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[])
    WITH ORDINALITY AS one (store_id, token_hash, device, place)
)
SELECT place, cart.*,
    (SELECT jsonb_agg(jsonb_build_array(level.sku, level.available, level.version, level.updated_at))
     FROM jsonb_array_elements(cart.lines) AS line
     CROSS JOIN LATERAL stock_left(cart.store_id, line ->> 'sku', ARRAY[cart.cart_id]) AS level
     WHERE level.available < cart.units)::text AS levels,
    (SELECT jsonb_agg(jsonb_build_array(line ->> 'line_id', cost.price, cost.version, cost.updated_at))
     FROM jsonb_array_elements(cart.lines) AS line
     CROSS JOIN LATERAL told_price(cart.store_id, line ->> 'sku', cart.currency, line -> 'options') AS cost
     WHERE cost.price <> (line ->> 'price')::bigint AND line -> 'fixed_price' IS DISTINCT FROM 'true')::text AS prices,
    (SELECT receipt::text FROM merges
     WHERE merges.cart_id = cart.cart_id AND undone_at IS NULL AND undo_until > now() - interval '29 days'
     ORDER BY merge_id DESC LIMIT 1) AS receipt,
    ARRAY(SELECT notice_id FROM notice_acks
          WHERE notice_acks.cart_id = cart.cart_id AND notice_acks.device = asked.device) AS acknowledged
FROM asked CROSS JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
        recovery_epoch, merged_into, created_at, updated_at
    FROM carts WHERE carts.store_id = asked.store_id AND guest_token_hash = asked.token_hash AND status = 'active'
    LIMIT 1
) AS cart
"""


async def read(connection: Connection, shoppers: Sequence[Shopper]) -> list[asyncpg.Record | None]:
    """What `cart_views.read` gives for each of these shoppers, in their order."""
    asked = [(one,) for one in shoppers]
    return await _found(connection, asked, READ_OF_CUSTOMERS, READ_OF_GUESTS)


async def read_with_notices(
    connection: Connection, asked: Sequence[tuple[Shopper, str]]
) -> list[asyncpg.Record | None]:
    """What `cart_views.read_with_notices` gives for each of these shoppers on a device, in their order."""
    return await _found(connection, asked, LOOK_OF_CUSTOMERS, LOOK_OF_GUESTS)


async def _found(
    connection: Connection, asked: Sequence[tuple[Shopper, *tuple[str, ...]]], of_customers: str, of_guests: str
) -> list[asyncpg.Record | None]:
    found: list[asyncpg.Record | None] = [None] * len(asked)
    customers = [place for place, (one, *_) in enumerate(asked) if one.token_hash is None]
    guests = [place for place, (one, *_) in enumerate(asked) if one.token_hash is not None]
    for statement, places in ((of_customers, customers), (of_guests, guests)):
        if places:
            rows = [_row(*asked[place]) for place in places]
            for row in await connection.fetch(statement, *(list(column) for column in zip(*rows, strict=True))):
                found[places[row["place"] - 1]] = row
    return found


def _row(shopper: Shopper, *more: str) -> tuple[object, ...]:
    return shopper.store_id, shopper.token_hash or shopper.customer_id, *more
