"""Occasions and their timers. Takes a connection, never commits."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from libs.postgres.pool import Connection
from services.trigger.db.columns import columns
from services.trigger.domain.occasions import Key, Occasion
from services.trigger.domain.reach import Reach

LOCK = """
SELECT store_id, subject, subject_id, customer_id, since, partition, decided_until, facts, ended, (
    SELECT r.timezone FROM reach AS r WHERE r.store_id = occasions.store_id AND r.customer_id = occasions.customer_id
) AS timezone
FROM occasions JOIN unnest($1::text[], $2::text[], $3::text[]) AS t(store_id, subject, subject_id)
    USING (store_id, subject, subject_id)
ORDER BY store_id, subject, subject_id
FOR UPDATE OF occasions
"""
OF_CUSTOMER = """
SELECT store_id, subject, subject_id, customer_id, since, partition, decided_until, facts, ended, (
    SELECT r.timezone FROM reach AS r WHERE r.store_id = o.store_id AND r.customer_id = o.customer_id
) AS timezone
FROM occasions AS o
WHERE store_id = $1 AND customer_id = $2
ORDER BY since DESC, subject, subject_id
LIMIT $3
"""
SAVE = """
INSERT INTO occasions AS o (store_id, subject, subject_id, customer_id, since, partition, decided_until, facts, ended,
                            due_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::integer[],
                     $7::timestamptz[], $8::jsonb[], $9::text[], $10::timestamptz[])
ON CONFLICT (store_id, subject, subject_id) DO UPDATE SET
    customer_id = excluded.customer_id, since = excluded.since, partition = excluded.partition,
    decided_until = excluded.decided_until, facts = excluded.facts, ended = excluded.ended, due_at = excluded.due_at
WHERE o.since <= excluded.since
"""
# As timers of carts: due is what lies before the moment up to which its partition was read, in random order.
CLAIM = """
SELECT o.*, (
    SELECT r.timezone FROM reach AS r WHERE r.store_id = o.store_id AND r.customer_id = o.customer_id
) AS timezone, p.read_until, statement_timestamp() AS now
FROM (
    SELECT partition, least(read_until, statement_timestamp()) AS read_until
    FROM partition_progress ORDER BY random()
) AS p
CROSS JOIN LATERAL (
    SELECT store_id, subject, subject_id, customer_id, since, partition, decided_until, facts, ended
    FROM occasions
    WHERE occasions.partition = p.partition AND occasions.due_at < p.read_until
    ORDER BY occasions.due_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
) AS o
LIMIT $1
"""
REARM = """
UPDATE occasions AS o SET due_at = t.due_at, decided_until = t.decided_until
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    AS t(store_id, subject, subject_id, due_at, decided_until)
WHERE (o.store_id, o.subject, o.subject_id) = (t.store_id, t.subject, t.subject_id)
"""

COLUMNS = ("store_id", "subject", "subject_id", "customer_id", "since", "partition", "decided_until")


@dataclass(frozen=True, slots=True)
class Claimed:
    """An occasion whose timer is due: decide on it with what was read up to `read_until`; `now` is the database's."""

    occasion: Occasion
    read_until: datetime
    now: datetime


async def lock(connection: Connection, keys: Collection[Key]) -> dict[Key, Occasion]:
    """Those that are known, held until the caller's transaction ends."""
    if not keys:
        return {}
    rows = await connection.fetch(LOCK, *map(list, zip(*sorted(keys), strict=True)))
    found = map(_occasion, rows)
    return {one.key: one for one in found}


async def of_customer(connection: Connection, store_id: str, customer_id: str, limit: int) -> list[Occasion]:
    """What happened to a customer, the newest first."""
    return [_occasion(row) for row in await connection.fetch(OF_CUSTOMER, store_id, customer_id, limit)]


async def save(connection: Connection, occasions: Sequence[tuple[Occasion, datetime | None]]) -> None:
    """Writes occasions with when to look at each; an older one changes nothing."""
    ordered = sorted(occasions, key=lambda one: one[0].key)
    found = [one for one, _ in ordered]
    await connection.execute(
        SAVE,
        *columns(found, *COLUMNS),
        [json.dumps(dict(one.facts)) for one in found],
        [one.ended for one in found],
        [due_at for _, due_at in ordered],
    )


async def claim(connection: Connection, limit: int) -> list[Claimed]:
    """Up to `limit` whose timer is due, held until the caller's transaction ends; those held elsewhere are left out."""
    return [Claimed(_occasion(row), row["read_until"], row["now"]) for row in await connection.fetch(CLAIM, limit)]


async def rearm(connection: Connection, occasions: Sequence[tuple[Occasion, datetime | None]]) -> None:
    """Notes how far they were decided, and when to look again (None: not before it happens again)."""
    found = [one for one, _ in occasions]
    await connection.execute(
        REARM,
        *columns(found, "store_id", "subject", "subject_id"),
        [due_at for _, due_at in occasions],
        [one.decided_until for one in found],
    )


def _occasion(row: asyncpg.Record) -> Occasion:
    values = {name: row[name] for name in (*COLUMNS, "ended")}
    zone = Reach(email=False, sms=False, timezone=row["timezone"]).zone
    return Occasion(**values, facts=json.loads(row["facts"]), zone=zone)
