"""When providers were last heard of. Takes a connection, only reads."""

from collections.abc import Collection
from datetime import datetime

from libs.postgres.pool import Connection

# Most were heard of within the hour, which the index on the time finds; only for the others their own rows are read.
LATELY = """
SELECT provider, max(received_at) AS heard_at FROM provider_events
WHERE received_at > now() - interval '1 hour' AND provider = ANY ($1::text[]) GROUP BY provider
"""
EVER = "SELECT provider, max(received_at) AS heard_at FROM provider_events WHERE provider = ANY ($1::text[]) GROUP BY 1"
REPLIES = "SELECT max(received_at) FROM replies WHERE store_id = $1"


async def of_events(connection: Connection, providers: Collection[str]) -> dict[str, datetime]:
    """When each of these last told something of a message of any store; those that never did are left out."""
    found = {row["provider"]: row["heard_at"] for row in await connection.fetch(LATELY, list(providers))}
    if others := [name for name in providers if name not in found]:
        found |= {row["provider"]: row["heard_at"] for row in await connection.fetch(EVER, others)}
    return found


async def of_replies(connection: Connection, store_id: str) -> datetime | None:
    """When somebody last replied to a message of the store."""
    heard: datetime | None = await connection.fetchval(REPLIES, store_id)
    return heard
