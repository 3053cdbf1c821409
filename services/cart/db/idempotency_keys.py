"""First answers of writes that came with an Idempotency-Key."""

from libs.postgres.pool import Connection
from services.cart.domain.request import Answer, Intent, Kept

HOLD = "SELECT pg_try_advisory_xact_lock($1)"
READ = """
SELECT fingerprint, status, etag, answer, expires_at <= now() AS expired
FROM idempotency_keys WHERE store_id = $1 AND caller = $2 AND key = $3
"""
# An expired answer gives way; a live one stays, and nothing comes back.
KEEP = """
INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, answer, about, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + interval '24 hours')
ON CONFLICT (store_id, caller, key) DO UPDATE
SET fingerprint = excluded.fingerprint, status = excluded.status, etag = excluded.etag, answer = excluded.answer,
    about = excluded.about, expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at <= now()
RETURNING true
"""
FORGET_EXPIRED = """
DELETE FROM idempotency_keys WHERE store_id = $1 AND caller = $2 AND key = $3 AND expires_at <= now()
"""
PURGE = """
DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
))
"""


async def hold(connection: Connection, lock: int) -> bool:
    """Takes the lock of a key for the caller's transaction; false while it is in flight elsewhere."""
    return bool(await connection.fetchval(HOLD, lock))


async def read(connection: Connection, intent: Intent) -> Kept | None:
    """The answer that was kept under the key of this call, expired or not."""
    row = await connection.fetchrow(READ, intent.store_id, intent.caller, intent.key)
    if row is None:
        return None
    answer = Answer(row["answer"], row["status"], row["etag"], replayed=True)
    return Kept(row["fingerprint"], answer, row["expired"])


async def keep(connection: Connection, intent: Intent, answer: Answer) -> bool:
    """Keeps an answer for 24 hours; false, with nothing changed, where one is kept already."""
    kept = await connection.fetchval(
        KEEP,
        intent.store_id,
        intent.caller,
        intent.key,
        intent.fingerprint,
        answer.status,
        answer.etag,
        answer.body,
        intent.about,
    )
    return bool(kept)


async def forget_expired(connection: Connection, intent: Intent) -> None:
    """Removes the answer under the key of this call if its 24 hours are over."""
    await connection.execute(FORGET_EXPIRED, intent.store_id, intent.caller, intent.key)


async def purge(connection: Connection, limit: int) -> int:
    """Removes up to `limit` expired answers, passing over those that somebody holds; returns how many."""
    return int((await connection.execute(PURGE, limit)).removeprefix("DELETE "))
