"""The hot path: one statement that swaps a cart, publishes its event and keeps the answer, or does nothing."""

from dataclasses import dataclass

from libs.outbox.store import row
from libs.postgres.pool import Connection
from services.cart.domain.cart import Cart, Change
from services.cart.domain.cart_json import attributes_json, line_json, saved_json
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper

SOURCE = "/evercart/cart"
"""CloudEvents source of everything that this service tells."""

# A change that leaves the goods tells whether the cart is silent: that must be as it was guessed, for an order silences
# a cart without giving it a version.
# Of a large cart one line is sent and put into its place, or at the end: the version says that the others are known.
# Nothing is written unless the swap succeeds, which needs a shopper whose cart it is (under whatever name): outbox row
# and kept answer select from it. The advisory lock is the key in flight, on every replica; it ends with the statement.
SWAP = """
WITH held AS MATERIALIZED (
    SELECT $1::bigint IS NULL OR pg_try_advisory_xact_lock($1::bigint) AS free
), answered AS MATERIALIZED (
    SELECT FROM idempotency_keys WHERE store_id = $2::text AND caller = $3::text AND key = $4::text
), swapped AS (
    UPDATE carts
    SET version = $13, currency = $14, units = $15, total = $16,
        lines = CASE WHEN $25::int IS NULL THEN $17::jsonb ELSE jsonb_set(lines, ARRAY[$25::int::text], $17::jsonb) END,
        saved = $19::jsonb, attributes = $20::jsonb, updated_at = $18::timestamptz, goods_version = $21,
        silent_since = $22, checkout_version = $24
    WHERE cart_id = $12 AND version = $13 - 1 AND status = 'active'
      AND ($21::bigint = $13 OR silent_since IS NOT DISTINCT FROM $22::timestamptz)
      AND (customer_id IS NOT DISTINCT FROM $23::text OR customer_id = (
          SELECT customer_id FROM identities WHERE store_id = $2::text AND identity = $23::text))
      AND (SELECT free FROM held) AND NOT EXISTS (SELECT FROM answered)
    RETURNING cart_id
), published AS (
    INSERT INTO outbox (topic, key, value, headers, occurred_at)
    SELECT $8::text, $9::text, $10::bytea, $11::text, greatest(clock_timestamp(), $18::timestamptz) FROM swapped
), kept AS (
    INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, once, expires_at)
    SELECT $2::text, $3::text, $4::text, $5::bytea, 200, $6::text, $7::bytea, now() + interval '24 hours'
    FROM swapped WHERE $4::text IS NOT NULL
)
SELECT (SELECT free FROM held) AS free, EXISTS (SELECT FROM swapped) AS saved
"""

# The first command of a shopper. Where another device came first, or the shopper goes by another name, nothing is
# inserted, and nothing is said.
CREATE = """
WITH held AS MATERIALIZED (
    SELECT $1::bigint IS NULL OR pg_try_advisory_xact_lock($1::bigint) AS free
), answered AS MATERIALIZED (
    SELECT FROM idempotency_keys WHERE store_id = $2::text AND caller = $3::text AND key = $4::text
), created AS (
    INSERT INTO carts (cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total, lines,
        saved, attributes, created_at, updated_at, goods_version, silent_since)
    SELECT $12::uuid, $2::text, $23::text, $24::bytea, 'active', $13::bigint, $14::text, $15::int, $16::bigint,
        $17::jsonb, $19::jsonb, $20::jsonb, $25::timestamptz, $18::timestamptz,
        $21::bigint, $22::timestamptz
    WHERE (SELECT free FROM held) AND NOT EXISTS (SELECT FROM answered)
      AND NOT EXISTS (SELECT FROM identities WHERE store_id = $2::text AND identity = $23::text)
    ON CONFLICT DO NOTHING
    RETURNING cart_id
), published AS (
    INSERT INTO outbox (topic, key, value, headers, occurred_at)
    SELECT $8::text, $9::text, $10::bytea, $11::text, greatest(clock_timestamp(), $18::timestamptz) FROM created
), kept AS (
    INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, once, expires_at)
    SELECT $2::text, $3::text, $4::text, $5::bytea, 200, $6::text, $7::bytea, now() + interval '24 hours'
    FROM created WHERE $4::text IS NOT NULL
)
SELECT (SELECT free FROM held) AS free, EXISTS (SELECT FROM created) AS saved
"""


@dataclass(frozen=True, slots=True)
class Swap:
    """A change that is to be saved with its event and its answer; `lines` are those of its cart in JSON. Where the
    change was to the one at a `place`, only that one is written.
    """

    shopper: Shopper
    change: Change
    lines: bytes
    answer: Answer
    request: WriteRequest
    place: int | None = None

    def arguments(self) -> tuple[object, ...]:
        """What `SWAP` and `CREATE` have in common: their first parameters."""
        cart, request = self.change.cart, self.request
        return (
            request.lock,
            self.shopper.store_id,
            self.shopper.caller,
            request.key,
            request.fingerprint,
            self.answer.etag,
            self.answer.once,
            *row(self.change.event, SOURCE),
            cart.cart_id,
            cart.version,
            cart.currency,
            cart.units,
            cart.total,
            (self.lines if self.place is None else line_json(cart.lines[self.place])).decode(),
            cart.updated_at,
            saved_json(cart).decode(),
            attributes_json(cart).decode(),
            cart.goods_version,
            cart.silent_since,
        )

    def arguments_of_swap(self) -> tuple[object, ...]:
        """All parameters of `SWAP`."""
        return (*self.arguments(), self.shopper.customer_id, self.change.cart.checkout_version, self.place)

    def arguments_of_create(self) -> tuple[object, ...]:
        """All parameters of `CREATE`."""
        cart = self.change.cart
        return (*self.arguments(), cart.customer_id, self.shopper.token_hash, cart.created_at)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a swap ended: `free` is false where it is known that the same Idempotency-Key is in flight elsewhere.

    `truth` is the cart as it is, where it had moved on, if it came back with the answer.
    """

    free: bool
    saved: bool
    truth: Cart | None = None


async def swap(connection: Connection, wanted: Swap) -> Outcome:
    """Saves a change with its event and its answer, all or nothing.

    Nothing is saved where the cart has moved on, another device has just made one, or the key was answered before.
    Raises `asyncpg.UniqueViolationError`, with nothing saved, when the key was answered while the statement ran.
    """
    if wanted.change.cart.version > 1:
        row = await connection.fetchrow(SWAP, *wanted.arguments_of_swap())
    else:
        row = await connection.fetchrow(CREATE, *wanted.arguments_of_create())
    assert row is not None, "an aggregate gives one row"
    return Outcome(row["free"], row["saved"])
