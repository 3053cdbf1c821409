"""Codes of pools: whose they are, and which message holds one. Functions take a connection, and never commit.

A code is taken and its message holds it in one transaction, and the message lets go of it in the one that ends it: so
a code is taken if and only if a message holds it, or one that was erased has told it.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from libs.contracts.events import CouponFrom
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.coupons import LASTS_LEAST, Coupon, HeldCode, Pool
from services.notifier.domain.reminder import Reminder

# One transaction at a time decides about one person, by name and by address: two messages can't both find that they had
# none. By name first, everywhere, so that nobody waits in a circle.
LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 2)),
       pg_advisory_xact_lock(hashtextextended($1 || chr(31) || address_subject($3), 3))
"""

# The message first, then its code, everywhere: who lost the message must not wait for who has it with the code in hand.
OURS = """
SELECT FROM deliveries WHERE reminder_id = $1 AND lease_token = $2 AND state IN ('pending', 'sending') FOR UPDATE
"""

POOL = """
SELECT store_id, pool, source, pattern, url, check_url, once_days, low_at FROM coupon_pools
WHERE store_id = $1 AND pool = $2
"""

HELD = """
SELECT c.code, c.valid_until, coalesce(own.coupon_code = c.code, false) AS own, EXISTS (
    SELECT FROM deliveries d
    WHERE d.store_id = $1 AND d.coupon_code = c.code AND d.coupon_from ->> 'pool' = $2
      AND d.state IN ('sending', 'sent', 'unknown')) AS told
FROM coupon_codes c LEFT JOIN deliveries own ON own.reminder_id = $6
WHERE c.store_id = $1 AND c.pool = $2 AND (c.customer_id = $3 OR c.recipient = address_subject($4))
  AND c.taken_at > now() - $5::interval AND c.refused_at IS NULL
ORDER BY own DESC, c.taken_at DESC LIMIT 1 FOR UPDATE OF c
"""

TAKE = """
UPDATE coupon_codes SET customer_id = $3, recipient = address_subject($4), taken_at = now(),
    valid_until = least(expires_at, now() + $5::interval)
WHERE store_id = $1 AND pool = $2 AND code = (
    SELECT code FROM coupon_codes
    WHERE store_id = $1 AND pool = $2 AND taken_at IS NULL AND refused_at IS NULL
      AND (expires_at IS NULL OR expires_at > now() + $6::interval)
    ORDER BY expires_at, code LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING code, valid_until
"""

# One that is here already is somebody's, or was: it is not given twice.
PUT_IN = """
INSERT INTO coupon_codes (store_id, pool, code, expires_at, customer_id, recipient, taken_at, valid_until)
VALUES ($1, $2, $6, $7, $3, address_subject($4), now(), least($7, now() + $5::interval))
ON CONFLICT (store_id, pool, code) DO NOTHING
RETURNING code, valid_until
"""

# It counts from when it is sent: one that waited counts anew, unless a message has told its end.
LENGTHEN = """
UPDATE coupon_codes SET valid_until = least(expires_at, now() + $4::interval)
WHERE store_id = $1 AND pool = $2 AND code = $3
RETURNING code, valid_until
"""

HOLD = "UPDATE deliveries SET coupon_code = $2, coupon_until = $3 WHERE reminder_id = $1"

# In a statement of its own: what others let go of, or hold, meanwhile is seen by the next.
LOCK_HELD = """
SELECT FROM deliveries d JOIN coupon_codes c
    ON c.store_id = d.store_id AND c.pool = d.coupon_from ->> 'pool' AND c.code = d.coupon_code
WHERE d.reminder_id = ANY ($1::uuid[]) AND d.state IN ('cancelled', 'expired', 'failed')
ORDER BY c.store_id, c.pool, c.code FOR UPDATE OF c
"""

# What no message holds any more is free again; what somebody was told stays theirs.
LET_GO = """
WITH held AS (
    SELECT reminder_id, store_id, coupon_from ->> 'pool' AS pool, coupon_code AS code FROM deliveries
    WHERE reminder_id = ANY ($1::uuid[]) AND coupon_code IS NOT NULL AND state IN ('cancelled', 'expired', 'failed')
), emptied AS (
    UPDATE deliveries d SET coupon_code = NULL, coupon_until = NULL FROM held WHERE d.reminder_id = held.reminder_id
)
UPDATE coupon_codes c SET customer_id = NULL, recipient = NULL, taken_at = NULL, valid_until = NULL
FROM held
WHERE c.store_id = held.store_id AND c.pool = held.pool AND c.code = held.code AND NOT EXISTS (
    SELECT FROM deliveries d
    WHERE d.store_id = held.store_id AND d.coupon_code = held.code AND d.coupon_from ->> 'pool' = held.pool
      AND d.reminder_id <> ALL ($1::uuid[]))
"""

# The store does not know it, or it ended unsent: nobody gets it any more, nor who has it in a message still to go.
SPOIL = "UPDATE coupon_codes SET refused_at = now() WHERE store_id = $1 AND pool = $2 AND code = $3"

# Of whoever is erased: what a message may have told stays taken, and nobody's; what none has told is free again.
ERASE = """
UPDATE coupon_codes c SET customer_id = NULL, recipient = NULL,
    taken_at = CASE WHEN theirs.told THEN c.taken_at END, valid_until = CASE WHEN theirs.told THEN c.valid_until END
FROM (
    SELECT o.pool, o.code, (o.pool, o.code) IN (SELECT * FROM unnest($3::text[], $4::text[])) OR EXISTS (
        SELECT FROM deliveries d
        WHERE d.store_id = $1 AND d.coupon_code = o.code AND d.coupon_from ->> 'pool' = o.pool) AS told
    FROM coupon_codes o WHERE o.store_id = $1 AND o.customer_id = ANY ($2::text[]) FOR UPDATE OF o
) AS theirs
WHERE c.store_id = $1 AND c.pool = theirs.pool AND c.code = theirs.code
"""

LEFT = """
SELECT count(*) FROM (
    SELECT FROM coupon_codes
    WHERE store_id = $1 AND pool = $2 AND taken_at IS NULL AND refused_at IS NULL
      AND (expires_at IS NULL OR expires_at > now() + $3::interval)
    LIMIT $4
) AS free
"""


async def lock(connection: Connection, r: Reminder, address: str) -> bool:
    """Until the end of the transaction nobody else decides about a code for this customer or address, nor about the
    message; False if somebody else has that by now.
    """
    await connection.execute(LOCK, r.store_id, r.customer_id, address)
    return bool(await connection.fetch(OURS, r.reminder_id, r.lease_token))


async def pool_of(connection: Connection, store_id: str, name: str) -> Pool | None:
    """A pool of a store, if there is one of that name."""
    row = await connection.fetchrow(POOL, store_id, name)
    if row is None:
        return None
    said = {key: row[key] for key in ("store_id", "source", "pattern", "url", "check_url", "low_at")}
    return Pool(name=row["pool"], once=timedelta(days=row["once_days"]), **said)


async def held(connection: Connection, pool: Pool, r: Reminder, address: str) -> HeldCode | None:
    """The code of a pool that a person has: that of this message first, else the last one of the pool's window."""
    whose = (r.customer_id, address, pool.once, r.reminder_id)
    row = await connection.fetchrow(HELD, pool.store_id, pool.name, *whose)
    return None if row is None else HeldCode(row["code"], row["valid_until"], row["own"], row["told"])


async def take(connection: Connection, pool: Pool, r: Reminder, address: str) -> Coupon | None:
    """Makes a free code theirs, the one that ends first; None where there is none."""
    whose = (r.customer_id, address, _valid(r.coupon_from))
    row = await connection.fetchrow(TAKE, pool.store_id, pool.name, *whose, LASTS_LEAST)
    return None if row is None else Coupon(*row)


async def put_in(connection: Connection, pool: Pool, r: Reminder, address: str, made: Coupon) -> Coupon | None:
    """Makes a new code theirs; None where the pool has, or had, the same."""
    whose = (r.customer_id, address, _valid(r.coupon_from))
    row = await connection.fetchrow(PUT_IN, pool.store_id, pool.name, *whose, made.code, made.until)
    return None if row is None else Coupon(*row)


async def lengthen(connection: Connection, pool: Pool, r: Reminder, code: str) -> Coupon:
    """Lets a code of theirs that nobody was told count from now on."""
    row = await connection.fetchrow(LENGTHEN, pool.store_id, pool.name, code, _valid(r.coupon_from))
    assert row is not None, "a code that is somebody's stays there"
    return Coupon(*row)


async def hold(connection: Connection, r: Reminder, coupon: Coupon | None) -> None:
    """Writes down that a message holds this code, or none."""
    kept = (None, None) if coupon is None else (coupon.code, coupon.until)
    await connection.execute(HOLD, r.reminder_id, *kept)


async def let_go(connection: Connection, reminder_ids: Sequence[UUID]) -> None:
    """Frees what these messages hold, of those that have ended and reached nobody."""
    await connection.execute(LOCK_HELD, list(reminder_ids))
    await connection.execute(LET_GO, list(reminder_ids))


async def erase(
    connection: Connection, store_id: str, customer_ids: Sequence[str], told: Sequence[tuple[str, str]]
) -> int:
    """Takes customers off their codes; `told` are those (pool and code) of messages of theirs that may be out."""
    pairs = [pool for pool, _ in told], [code for _, code in told]
    return rows_affected(await connection.execute(ERASE, store_id, list(customer_ids), *pairs))


async def spoil(connection: Connection, pool: Pool, code: str) -> None:
    """Takes a code out of use."""
    await connection.execute(SPOIL, pool.store_id, pool.name, code)


async def left(connection: Connection, pool: Pool, most: int) -> int:
    """How many codes of a pool are free, counted up to `most`."""
    return int(await connection.fetchval(LEFT, pool.store_id, pool.name, LASTS_LEAST, most))


def _valid(said: CouponFrom | None) -> timedelta | None:
    return None if said is None or said.valid_seconds is None else timedelta(seconds=said.valid_seconds)
