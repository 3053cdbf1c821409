"""Customers' parts in the campaigns that go by them. Takes a connection, never commits."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from libs.postgres.pool import Connection, Row
from services.trigger.domain.participation import Entry, Key, Participants, Participation

# In one order, and made where they are missing, so that no two processes decide on one customer at once. Who is only
# looked at has not entered: whenever an erasure was asked for, it takes their row, too, and so does the next clearing.
LOCK = """
INSERT INTO participants AS p (store_id, campaign, customer_id, entered_at)
SELECT store_id, campaign, customer_id, 'epoch'
FROM unnest($1::text[], $2::text[], $3::text[]) AS t(store_id, campaign, customer_id)
ORDER BY store_id, campaign, customer_id
ON CONFLICT (store_id, campaign, customer_id) DO UPDATE SET customer_id = excluded.customer_id
RETURNING store_id, campaign, customer_id, arm, entries
"""
READ = """
SELECT p.store_id, p.campaign, p.customer_id, p.arm, p.entries
FROM unnest($1::text[], $2::text[], $3::text[]) AS t(store_id, campaign, customer_id) CROSS JOIN LATERAL (
    SELECT * FROM participants
    WHERE (participants.store_id, participants.campaign, participants.customer_id)
        = (t.store_id, t.campaign, t.customer_id)
    LIMIT 1
) AS p
"""
SAVE = """
UPDATE participants AS p SET arm = t.arm, entries = t.entries::jsonb, entered_at = t.entered_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
    AS t(store_id, campaign, customer_id, arm, entries, entered_at)
WHERE (p.store_id, p.campaign, p.customer_id) = (t.store_id, t.campaign, t.customer_id)
"""


async def read(connection: Connection, keys: Collection[Key]) -> dict[Key, Participation]:
    """What is known of customers, as far as they were decided on; anybody may decide on them meanwhile."""
    return _parts(await connection.fetch(READ, *map(list, zip(*sorted(keys), strict=True)))) if keys else {}


async def lock(connection: Connection, keys: Collection[Key]) -> Participants:
    """What is known of customers; nobody else decides on them until the caller's transaction ends."""
    if not keys:
        return Participants()
    return Participants(_parts(await connection.fetch(LOCK, *map(list, zip(*sorted(keys), strict=True)))))


async def save(connection: Connection, participants: Participants) -> None:
    """Keeps what has changed of them."""
    if not participants.changed:
        return
    keys, parts = zip(*participants.changed.items(), strict=True)
    await connection.execute(
        SAVE,
        *map(list, zip(*keys, strict=True)),
        [part.arm for part in parts],
        [json.dumps([[one.episode, one.at.astimezone(UTC).isoformat()] for one in part.entries]) for part in parts],
        [part.entries[-1].at for part in parts],
    )


def _parts(rows: Sequence[Row]) -> dict[Key, Participation]:
    return {(r["store_id"], r["campaign"], r["customer_id"]): _part(r["arm"], r["entries"]) for r in rows}


def _part(arm: str | None, entries: str) -> Participation:
    return Participation(arm, tuple(Entry(episode, datetime.fromisoformat(at)) for episode, at in json.loads(entries)))
