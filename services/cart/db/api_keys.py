"""API keys."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.api_keys import ApiKey, Held, NewKey, ends

LIVE = """
SELECT key_id, store_id, kind, scopes, origins, hash, previous_hash, previous_until, expires_at
FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""
FIND = """
SELECT key_id, store_id, kind, name, scopes, origins, created_at, rotated_at, expires_at, used_at,
    CASE WHEN previous_until > now() THEN previous_until END AS previous_until,
    CASE WHEN previous_until > now() THEN previous_used_at END AS previous_used_at
FROM api_keys
WHERE store_id IS NOT DISTINCT FROM $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    AND name > $2
ORDER BY name LIMIT $3
"""
# A name that has expired gives way to a new key of that name.
BURY = """
UPDATE api_keys SET revoked_at = expires_at
WHERE store_id IS NOT DISTINCT FROM $1 AND name = $2 AND revoked_at IS NULL AND expires_at <= now()
"""
MAKE = """
INSERT INTO api_keys (key_id, store_id, kind, name, scopes, origins, hash, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (coalesce(store_id, ''), name) WHERE revoked_at IS NULL DO NOTHING
RETURNING true
"""
HOME = "SELECT store_id FROM api_keys WHERE key_id = $1 AND revoked_at IS NULL"
LOCK = """
SELECT kind, scopes, expires_at FROM api_keys
WHERE store_id IS NOT DISTINCT FROM $1 AND key_id = $2 AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now())
FOR UPDATE
"""
ROTATE = """
UPDATE api_keys SET previous_hash = hash, previous_until = $3, previous_used_at = used_at, hash = $2, rotated_at = $4,
    used_at = NULL
WHERE key_id = $1
"""
REVOKE = """
UPDATE api_keys SET revoked_at = $3
WHERE store_id IS NOT DISTINCT FROM $1 AND key_id = $2 AND revoked_at IS NULL
"""
REVOKE_ALL = "UPDATE api_keys SET revoked_at = $2 WHERE store_id = $1 AND revoked_at IS NULL"
NOTE_USED = """
UPDATE api_keys SET used_at = $2
WHERE key_id = ANY ($1::text[]) AND (used_at IS NULL OR used_at < $2::timestamptz - interval '1 hour')
"""
NOTE_PREVIOUS_USED = """
UPDATE api_keys SET previous_used_at = $2
WHERE key_id = ANY ($1::text[]) AND (previous_used_at IS NULL OR previous_used_at < $2::timestamptz - interval '1 hour')
"""


async def live(connection: Connection) -> list[Held]:
    """Every key that is live, by each hash by which it is."""
    found = []
    for row in await connection.fetch(LIVE):
        scopes, origins = frozenset(row["scopes"]), frozenset(row["origins"])
        key = ApiKey(row["key_id"], row["store_id"], row["kind"], scopes, origins)
        found.append(Held(row["hash"], key, row["expires_at"]))
        if row["previous_hash"] is not None:
            until = min(filter(None, (row["previous_until"], row["expires_at"])))
            found.append(Held(row["previous_hash"], key, until, previous=True))
    return found


async def of_store(
    connection: Connection, store_id: str | None, after: str = "", limit: int | None = None
) -> list[dict[str, Any]]:
    """The live keys of a store, or of the installation, without their hashes, by name, behind one."""
    return [dict(row) for row in await connection.fetch(FIND, store_id, after, limit)]


async def make(
    connection: Connection, key_id: str, store_id: str | None, new: NewKey, hashed: bytes, now: datetime
) -> bool:
    """Keeps a new key; false where a live one has the name."""
    await connection.execute(BURY, store_id, new.name)
    made = await connection.fetchval(
        MAKE,
        key_id,
        store_id,
        new.kind,
        new.name,
        sorted(new.scopes),
        sorted(new.origins),
        hashed,
        now,
        ends(now, new.expires_in_days),
    )
    return bool(made)


async def home(connection: Connection, key_id: str) -> tuple[bool, str | None]:
    """Whether there is such a key, and of which store."""
    row = await connection.fetchrow(HOME, key_id)
    return (False, None) if row is None else (True, row["store_id"])


async def lock(connection: Connection, store_id: str | None, key_id: str) -> dict[str, Any] | None:
    """Kind, scopes and end of a live key, which nobody else changes until the caller's transaction ends."""
    row = await connection.fetchrow(LOCK, store_id, key_id)
    return None if row is None else dict(row)


async def rotate(connection: Connection, key_id: str, hashed: bytes, until: datetime, now: datetime) -> None:
    """Gives a key another secret; the one until now stays live until `until`, the one before that ends."""
    await connection.execute(ROTATE, key_id, hashed, until, now)


async def revoke(connection: Connection, store_id: str | None, key_id: str, now: datetime) -> bool:
    """Ends a key for ever; false where it is not live, or not of this store."""
    return rows_affected(await connection.execute(REVOKE, store_id, key_id, now)) == 1


async def revoke_all(connection: Connection, store_id: str, now: datetime) -> None:
    """Ends all keys of a store that is removed, so that they open none that gets its id later."""
    await connection.execute(REVOKE_ALL, store_id, now)


async def note_used(connection: Connection, used: Iterable[tuple[str, bool]], now: datetime) -> None:
    """Notes, to the hour, that keys were used: by their secret or (true) by the one before a rotation."""
    current = [key_id for key_id, previous in used if not previous]
    before = [key_id for key_id, previous in used if previous]
    if current:
        await connection.execute(NOTE_USED, current, now)
    if before:
        await connection.execute(NOTE_PREVIOUS_USED, before, now)
