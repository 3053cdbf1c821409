"""Carts of several shoppers in one statement: many callers pay for one round trip.

Each row is looked up by its own index search, whatever the planner thinks of the tables' sizes: a limit of one keeps it
from reading a table whole for a join.
"""

from collections.abc import Sequence

import asyncpg

from libs.postgres.pool import Connection
from services.cart.db.save_cart import Swap
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

# `save_cart.SWAP` of many carts. Nothing here waits: a row that somebody holds and a key that is under way are passed
# over, so that no caller waits for another's cart, and no two batches for each other. What is passed over is not saved.
SWAP = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::bytea[],
        $8::text[], $9::text[], $10::bytea[], $11::text[], $12::uuid[], $13::bigint[], $14::text[], $15::int[],
        $16::bigint[], $17::text[], $18::timestamptz[], $19::text[], $20::text[], $21::bigint[], $22::timestamptz[],
        $23::text[], $24::bigint[])
    WITH ORDINALITY AS one (lock, store_id, caller, key, fingerprint, etag, once, topic, event_key, value, headers,
        cart_id, version, currency, units, total, lines, updated_at, saved, attributes, goods_version, silent_since,
        customer_id, checkout_version, place)
), held AS MATERIALIZED (
    SELECT place, cart.tuple FROM asked CROSS JOIN LATERAL (
        SELECT carts.ctid AS tuple FROM carts
        WHERE carts.cart_id = asked.cart_id AND carts.version = asked.version - 1 AND carts.status = 'active'
          AND (asked.goods_version = asked.version OR carts.silent_since IS NOT DISTINCT FROM asked.silent_since)
          AND (carts.customer_id IS NOT DISTINCT FROM asked.customer_id OR carts.customer_id = (
              SELECT customer_id FROM identities
              WHERE identities.store_id = asked.store_id AND identity = asked.customer_id))
        LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ) AS cart
    WHERE (lock IS NULL OR pg_try_advisory_xact_lock(lock))
      AND (key IS NULL OR (
          SELECT true FROM idempotency_keys AS kept
          WHERE kept.store_id = asked.store_id AND kept.caller = asked.caller AND kept.key = asked.key) IS NULL)
), swapped AS (
    UPDATE carts
    SET version = asked.version, currency = asked.currency, units = asked.units, total = asked.total,
        lines = asked.lines::jsonb, saved = asked.saved::jsonb, attributes = asked.attributes::jsonb,
        updated_at = asked.updated_at, goods_version = asked.goods_version, silent_since = asked.silent_since,
        checkout_version = asked.checkout_version
    FROM held JOIN asked USING (place) WHERE carts.ctid = held.tuple
    RETURNING place
), published AS (
    INSERT INTO outbox (topic, key, value, headers, occurred_at)
    SELECT topic, event_key, value, headers, greatest(clock_timestamp(), updated_at)
    FROM swapped JOIN asked USING (place)
), kept AS (
    INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, once, expires_at)
    SELECT store_id, caller, key, fingerprint, 200, etag, once, now() + interval '24 hours'
    FROM swapped JOIN asked USING (place) WHERE key IS NOT NULL
)
SELECT place FROM swapped
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


async def swap(connection: Connection, wanted: Sequence[Swap]) -> set[int]:
    """Saves changes of carts that are there already, each with its event and its answer; gives the places of those that
    are saved. The others, whose carts have moved on or are held, and whose keys are known or under way, are not.

    Raises `asyncpg.UniqueViolationError`, with nothing saved, when a key was answered while the statement ran.
    """
    columns = zip(*(one.arguments_of_swap() for one in wanted), strict=True)
    rows = await connection.fetch(SWAP, *(list(column) for column in columns))
    return {row["place"] - 1 for row in rows}


def _columns(pairs: Sequence[tuple[str, str | bytes | None]]) -> tuple[list[str], list[str | bytes | None]]:
    return [first for first, _ in pairs], [second for _, second in pairs]
