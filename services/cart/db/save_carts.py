"""Changes of many carts in one statement, each with its event and its answer, as `save_cart` saves one.

Rows are found by look-ups of one row and, once held, by their place: for a join the planner would read small tables
whole.
"""

from collections.abc import Sequence

from libs.postgres.pool import Connection
from services.cart.db.carts import cart_of
from services.cart.db.save_cart import Outcome, Swap

# `save_cart.SWAP` of many carts. Nothing here waits: a row that somebody holds and a key that is under way are passed
# over, so that no caller waits for another's cart, and no two batches for each other. What is passed over is not saved;
# where the cart had moved on, it comes back as it is, unless the key was answered.
SWAP = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::bytea[],
        $8::text[], $9::text[], $10::bytea[], $11::text[], $12::uuid[], $13::bigint[], $14::text[], $15::int[],
        $16::bigint[], $17::text[], $18::timestamptz[], $19::text[], $20::text[], $21::bigint[], $22::timestamptz[],
        $23::text[], $24::bigint[], $25::int[])
    WITH ORDINALITY AS one (lock, store_id, caller, key, fingerprint, etag, once, topic, event_key, value, headers,
        cart_id, version, currency, units, total, lines, updated_at, saved, attributes, goods_version, silent_since,
        customer_id, checkout_version, line_place, place)
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
        lines = CASE WHEN line_place IS NULL THEN asked.lines::jsonb
            ELSE jsonb_set(carts.lines, ARRAY[line_place::text], asked.lines::jsonb) END,
        saved = asked.saved::jsonb, attributes = asked.attributes::jsonb,
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
SELECT asked.place, swapped.place IS NOT NULL AS done, truth.*
FROM asked LEFT JOIN swapped USING (place) LEFT JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
        recovery_epoch, created_at, updated_at, goods_version, silent_since, recipient_id, checkout_version
    FROM carts
    WHERE swapped.place IS NULL AND carts.cart_id = asked.cart_id AND carts.version >= asked.version
      AND carts.status = 'active' AND (
        carts.customer_id IS NOT DISTINCT FROM asked.customer_id OR carts.customer_id = (
          SELECT customer_id FROM identities
          WHERE identities.store_id = asked.store_id AND identity = asked.customer_id))
      AND (key IS NULL OR (
          SELECT true FROM idempotency_keys AS kept
          WHERE kept.store_id = asked.store_id AND kept.caller = asked.caller AND kept.key = asked.key) IS NULL)
    LIMIT 1
) AS truth ON true
"""
# `save_cart.CREATE` of many. A cart of the same owner that is being made in a transaction which does not end has to be
# waited for, but not for long: the time-out is that of this one statement.
CREATE = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::bytea[],
        $8::text[], $9::text[], $10::bytea[], $11::text[], $12::uuid[], $13::bigint[], $14::text[], $15::int[],
        $16::bigint[], $17::text[], $18::timestamptz[], $19::text[], $20::text[], $21::bigint[], $22::timestamptz[],
        $23::text[], $24::bytea[], $25::timestamptz[])
    WITH ORDINALITY AS one (lock, store_id, caller, key, fingerprint, etag, once, topic, event_key, value, headers,
        cart_id, version, currency, units, total, lines, updated_at, saved, attributes, goods_version, silent_since,
        customer_id, token_hash, created_at, place)
), patience AS MATERIALIZED (
    SELECT set_config('lock_timeout', '100ms', true) AS told
), free AS MATERIALIZED (
    SELECT place FROM asked CROSS JOIN patience
    WHERE told <> '' AND (lock IS NULL OR pg_try_advisory_xact_lock(lock))
      AND (key IS NULL OR (
          SELECT true FROM idempotency_keys AS kept
          WHERE kept.store_id = asked.store_id AND kept.caller = asked.caller AND kept.key = asked.key) IS NULL)
      AND (customer_id IS NULL OR (
          SELECT true FROM identities
          WHERE identities.store_id = asked.store_id AND identity = asked.customer_id) IS NULL)
), created AS (
    INSERT INTO carts (cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total, lines,
        saved, attributes, created_at, updated_at, goods_version, silent_since)
    SELECT cart_id, store_id, customer_id, token_hash, 'active', version, currency, units, total, lines::jsonb,
        saved::jsonb, attributes::jsonb, created_at, updated_at, goods_version, silent_since
    FROM free JOIN asked USING (place)
    ORDER BY store_id, customer_id, token_hash
    ON CONFLICT DO NOTHING
    RETURNING cart_id
), published AS (
    INSERT INTO outbox (topic, key, value, headers, occurred_at)
    SELECT topic, event_key, value, headers, greatest(clock_timestamp(), updated_at)
    FROM created JOIN asked USING (cart_id)
), kept AS (
    INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, once, expires_at)
    SELECT store_id, caller, key, fingerprint, 200, etag, once, now() + interval '24 hours'
    FROM created JOIN asked USING (cart_id) WHERE key IS NOT NULL
)
SELECT asked.place, created.cart_id IS NOT NULL AS done, truth.*
FROM asked LEFT JOIN created USING (cart_id) LEFT JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
        recovery_epoch, created_at, updated_at, goods_version, silent_since, recipient_id, checkout_version
    FROM carts
    WHERE created.cart_id IS NULL AND carts.status = 'active' AND carts.cart_id = coalesce((
        SELECT mine.cart_id FROM carts AS mine
        WHERE mine.store_id = asked.store_id AND mine.status = 'active' AND mine.customer_id = coalesce((
            SELECT customer_id FROM identities
            WHERE identities.store_id = asked.store_id AND identity = asked.customer_id), asked.customer_id)
    ), (
        SELECT mine.cart_id FROM carts AS mine
        WHERE mine.store_id = asked.store_id AND mine.status = 'active' AND mine.guest_token_hash = asked.token_hash
    )) AND (key IS NULL OR (
          SELECT true FROM idempotency_keys AS kept
          WHERE kept.store_id = asked.store_id AND kept.caller = asked.caller AND kept.key = asked.key) IS NULL)
    LIMIT 1
) AS truth ON true
"""


async def swap(connection: Connection, wanted: Sequence[Swap]) -> list[Outcome]:
    """Saves changes of carts that are there already. Those whose carts have moved on or are held, and whose keys are
    known or under way, are not saved.

    Raises one of `UNDONE`, with nothing saved, as when a key was answered while the statement ran.
    """
    return await _saved(connection, SWAP, [one.arguments_of_swap() for one in wanted])


async def create(connection: Connection, wanted: Sequence[Swap]) -> list[Outcome]:
    """Saves first commands of shoppers. Not saved are those who have a cart, whatever they call themselves.

    Raises one of `UNDONE`, with nothing saved, also where somebody holds a cart of one of them back for long.
    """
    return await _saved(connection, CREATE, [one.arguments_of_create() for one in wanted])


async def _saved(connection: Connection, statement: str, wanted: Sequence[tuple[object, ...]]) -> list[Outcome]:
    outcomes = [Outcome(free=True, saved=False)] * len(wanted)
    for row in await connection.fetch(statement, *(list(column) for column in zip(*wanted, strict=True))):
        truth = cart_of(row) if row["cart_id"] is not None else None
        outcomes[row["place"] - 1] = Outcome(free=True, saved=row["done"], truth=truth)
    return outcomes
