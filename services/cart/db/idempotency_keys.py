"""First answers of writes that came with an Idempotency-Key."""

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.request import Answer, StoredReply, WriteRequest

TRY_LOCK = "SELECT pg_try_advisory_xact_lock($1)"
READ = """
SELECT fingerprint, status, etag, answer, once, expires_at <= now() AS expired
FROM idempotency_keys WHERE store_id = $1 AND caller = $2 AND key = $3
"""
# An expired answer gives way; a live one stays, and nothing comes back.
KEEP = """
INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, answer, once, about, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + interval '24 hours')
ON CONFLICT (store_id, caller, key) DO UPDATE
SET fingerprint = excluded.fingerprint, status = excluded.status, etag = excluded.etag, answer = excluded.answer,
    once = excluded.once, about = excluded.about, expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at <= now()
RETURNING true
"""
FORGET_EXPIRED = """
DELETE FROM idempotency_keys WHERE store_id = $1 AND caller = $2 AND key = $3 AND expires_at <= now()
"""
# Unordered by any index: those of one caller are few, for they are trimmed.
TRIM = """
DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_keys WHERE store_id = $1 AND caller = $2
    ORDER BY expires_at DESC OFFSET $3 FOR UPDATE SKIP LOCKED
))
"""
PURGE = """
DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
))
"""


async def try_lock(connection: Connection, lock: int) -> bool:
    """Takes the lock of a key for the caller's transaction; false while it is in flight elsewhere."""
    return bool(await connection.fetchval(TRY_LOCK, lock))


async def read(connection: Connection, request: WriteRequest) -> StoredReply | None:
    """The answer that was kept under the key of this call, expired or not."""
    row = await connection.fetchrow(READ, request.store_id, request.caller, request.key)
    if row is None:
        return None
    answer = Answer(row["answer"], row["status"], row["etag"], replayed=True, once=row["once"])
    return StoredReply(row["fingerprint"], answer, row["expired"])


async def keep(connection: Connection, request: WriteRequest, answer: Answer) -> bool:
    """Keeps an answer for 24 hours; false, with nothing changed, where one is kept already."""
    kept = await connection.fetchval(
        KEEP,
        request.store_id,
        request.caller,
        request.key,
        request.fingerprint,
        answer.status,
        answer.etag,
        b"" if answer.once is not None else answer.body,
        answer.once,
        request.about,
    )
    return bool(kept)


async def forget_expired(connection: Connection, request: WriteRequest) -> None:
    """Removes the answer under the key of this call if its 24 hours are over."""
    await connection.execute(FORGET_EXPIRED, request.store_id, request.caller, request.key)


async def trim(connection: Connection, request: WriteRequest, most: int) -> int:
    """Removes all but the newest `most` answers to who calls; returns how many."""
    return rows_affected(await connection.execute(TRIM, request.store_id, request.caller, most))


async def purge(connection: Connection, limit: int) -> int:
    """Removes up to `limit` expired answers, passing over those that somebody holds; returns how many."""
    return rows_affected(await connection.execute(PURGE, limit))
