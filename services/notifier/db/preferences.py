"""What recipients want, by channel and purpose. Functions take a connection, and never commit.

It is kept for a customer and for the address that they have, as unsubscriptions are: whoever has the address has it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.addresses import spelled

OF_LINK = """
SELECT reminder_id, store_id, customer_id, channel, recipient
FROM deliveries WHERE unsubscribe_link = $1 AND kind <> $2 AND sending_at > now() - $3::interval
"""
# One change of a customer's at a time: each sees what the one before has left.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 2))"
SUBJECTS = """
SELECT address_subject(address) AS subject FROM unnest($1::text[]) WITH ORDINALITY AS t (address, n) ORDER BY n
"""
KEPT = """
SELECT channel, subject, declined, paused_until FROM preferences WHERE store_id = $1 AND subject = ANY ($2::text[])
"""
WRITE = """
INSERT INTO preferences AS kept (store_id, channel, subject, declined, paused_until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (store_id, channel, subject)
DO UPDATE SET declined = excluded.declined, paused_until = excluded.paused_until
"""
SWEEP = """
DELETE FROM preferences WHERE store_id = $1 AND subject = ANY ($2::text[]) AND declined = '{}' AND paused_until IS NULL
"""
NOTE = """
INSERT INTO preference_changes (store_id, customer_id, reminder_id, was, became, wording, changed_at)
VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7) RETURNING change_id
"""
CHANGES = """
SELECT reminder_id, changed_at, wording FROM preference_changes WHERE store_id = $1 AND customer_id = $2
ORDER BY change_id DESC LIMIT $3
"""
CHANGE = """
SELECT was, became FROM preference_changes WHERE change_id = $1 AND store_id = $2 AND customer_id = $3
"""
# A pause that somebody has begun anew meanwhile is not over, and one that another process ends is passed over.
END_PAUSES = """
WITH over AS (
    SELECT store_id, channel, subject FROM preferences WHERE paused_until <= $1
    ORDER BY paused_until LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE preferences AS p SET paused_until = NULL FROM over
WHERE (p.store_id, p.channel, p.subject) = (over.store_id, over.channel, over.subject)
RETURNING p.store_id, p.channel, p.subject
"""
# Whatever was declined by name holds at the addresses that they have, as an unsubscription does.
CARRY_OVER = """
INSERT INTO preferences AS kept (store_id, channel, subject, declined, paused_until)
SELECT p.store_id, p.channel, address_subject(address_on(p.channel, c.email, c.phone, c.handles)), p.declined,
       p.paused_until
FROM contacts AS c JOIN preferences AS p ON p.store_id = c.store_id AND p.subject = 'customer:' || c.customer_id
WHERE c.store_id = $1 AND c.customer_id = $2 AND address_on(p.channel, c.email, c.phone, c.handles) IS NOT NULL
ON CONFLICT (store_id, channel, subject) DO UPDATE
SET declined = ARRAY (SELECT DISTINCT one FROM unnest(kept.declined || excluded.declined) AS one ORDER BY one),
    paused_until = greatest(kept.paused_until, excluded.paused_until)
"""
ERASE = """
DELETE FROM preferences
WHERE store_id = $1 AND subject = ANY (SELECT 'customer:' || name FROM unnest($2::text[]) AS name)
"""
ERASE_CHANGES = "DELETE FROM preference_changes WHERE store_id = $1 AND customer_id = ANY ($2::text[])"


@dataclass(frozen=True, slots=True)
class Link:
    """Of which message a link is, and to whom that went: `recipient` is the hash of the address."""

    reminder_id: UUID
    store_id: str
    customer_id: str
    channel: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for a subject on a channel."""

    channel: str
    subject: str
    declined: frozenset[str]
    paused_until: datetime | None


async def of_link(connection: Connection, link: bytes, no_kind: str, valid: timedelta) -> Link | None:
    """The message of a hashed link, unless it is of `no_kind` or was sent longer ago than `valid`."""
    row = await connection.fetchrow(OF_LINK, link, no_kind, valid)
    return None if row is None else Link(**row)


async def changes(connection: Connection, store_id: str, customer_id: str, most: int) -> list[dict[str, Any]]:
    """What a customer has changed: by the link of which message, when, and what the page said; the newest first."""
    return [dict(row) for row in await connection.fetch(CHANGES, store_id, customer_id, most)]


async def lock(connection: Connection, store_id: str, customer_id: str) -> None:
    """Until the end of the transaction nobody else changes what this customer wants."""
    await connection.execute(LOCK, store_id, customer_id)


async def subjects(connection: Connection, addresses: Sequence[str]) -> list[str]:
    """Under which addresses stand, in their order."""
    return [row["subject"] for row in await connection.fetch(SUBJECTS, [spelled(one) for one in addresses])]


async def of_subjects(connection: Connection, store_id: str, names: Sequence[str]) -> list[Kept]:
    """What is kept for any of these."""
    rows = await connection.fetch(KEPT, store_id, list(names))
    return [Kept(row["channel"], row["subject"], frozenset(row["declined"]), row["paused_until"]) for row in rows]


async def write(connection: Connection, store_id: str, kept: Sequence[Kept]) -> None:
    """Keeps these instead of what was kept for their subjects and channels; what says nothing is no row."""
    rows = [(store_id, one.channel, one.subject, sorted(one.declined), one.paused_until) for one in kept]
    await connection.executemany(WRITE, rows)
    await connection.execute(SWEEP, store_id, [one.subject for one in kept])


async def end_pauses(connection: Connection, now: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Ends up to `limit` pauses whose time is over, the longest over first: of which store, channel and subject."""
    rows = [(row["store_id"], row["channel"], row["subject"]) for row in await connection.fetch(END_PAUSES, now, limit)]
    for store_id in sorted({store_id for store_id, _, _ in rows}):
        await connection.execute(SWEEP, store_id, [subject for store, _, subject in rows if store == store_id])
    return rows


async def note(
    connection: Connection,
    link: Link,
    *,
    was: Mapping[str, Any],
    became: Mapping[str, Any],
    wording: str,
    now: datetime,
) -> int:
    """Keeps the proof of a change; under which number."""
    how = (json.dumps(was), json.dumps(became), wording, now)
    change_id: int = await connection.fetchval(NOTE, link.store_id, link.customer_id, link.reminder_id, *how)
    return change_id


async def change(connection: Connection, link: Link, change_id: int) -> tuple[Any, Any] | None:
    """How it was before a change of this customer's, and what it made of it."""
    row = await connection.fetchrow(CHANGE, change_id, link.store_id, link.customer_id)
    return None if row is None else (json.loads(row["was"]), json.loads(row["became"]))


async def carry_over(connection: Connection, store_id: str, customer_ids: Sequence[str]) -> None:
    """Makes what customers have declined hold for the addresses that they have."""
    await connection.executemany(CARRY_OVER, [(store_id, name) for name in customer_ids])


async def erase(connection: Connection, store_id: str, customer_ids: Sequence[str]) -> int:
    """Forgets what customers want; what their addresses have declined stays, as hashes."""
    return rows_affected(await connection.execute(ERASE, store_id, customer_ids))


async def erase_changes(connection: Connection, store_id: str, customer_ids: Sequence[str]) -> int:
    """Forgets what was changed by them, and when."""
    return rows_affected(await connection.execute(ERASE_CHANGES, store_id, customer_ids))
