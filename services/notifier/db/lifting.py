"""What is closed, and what was lifted by whom. Functions take a connection, and never commit.

A subject is `customer:<id>`, or `address:` with the salted hash of an address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs.postgres.pool import Connection
from services.notifier.domain.addresses import spelled

# In the order of the key, so that a page begins where the one before ended, whatever was closed meanwhile.
PAGE = """
SELECT channel, subject, reason, source, status, created_at FROM suppressions
WHERE store_id = $1 AND ($2::text IS NULL OR channel = $2)
  AND (channel, subject, reason) > ($3, $4, $5)
ORDER BY channel, subject, reason LIMIT $6
"""

OF_SUBJECTS = """
SELECT channel, subject, reason, source, status, created_at FROM suppressions
WHERE store_id = $1 AND subject = ANY ($2::text[]) ORDER BY channel, subject, reason
"""

SUBJECT_OF_ADDRESS = "SELECT address_subject($1)"

SUBJECTS_OF_CUSTOMER = """
SELECT 'customer:' || $2 AS subject
UNION SELECT address_subject(email) FROM contacts WHERE store_id = $1 AND customer_id = $2 AND email IS NOT NULL
UNION SELECT address_subject(phone) FROM contacts WHERE store_id = $1 AND customer_id = $2 AND phone IS NOT NULL
UNION SELECT address_subject(value ->> 'handle') FROM contacts, jsonb_each(handles)
WHERE store_id = $1 AND customer_id = $2
"""

LIFT = """
WITH gone AS (
    DELETE FROM suppressions
    WHERE store_id = $1 AND channel = $2 AND subject = ANY ($3::text[]) AND reason = ANY ($4::text[])
    RETURNING channel, subject, reason, source, status, created_at
), noted AS (
    INSERT INTO lifted_suppressions (store_id, channel, subject, reason, source, status, closed_at, lifted_by, why)
    SELECT $1, channel, subject, reason, source, status, created_at, $5, $6 FROM gone
)
SELECT * FROM gone ORDER BY channel, subject, reason
"""

LIFTED = """
SELECT lifted_id, channel, subject, reason, source, status, closed_at, lifted_at, lifted_by, why
FROM lifted_suppressions WHERE store_id = $1 AND lifted_id < $2 ORDER BY lifted_id DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Lift:
    """What is to be lifted on a channel: of these subjects, what was closed for these reasons; by whom, and why."""

    channel: str
    subjects: Sequence[str]
    reasons: Sequence[str]
    by: str
    why: str


async def page(
    connection: Connection, store_id: str, channel: str | None, after: Sequence[str], limit: int
) -> list[dict[str, Any]]:
    """What is closed in a store, behind a channel, subject and reason."""
    return [dict(row) for row in await connection.fetch(PAGE, store_id, channel, *after, limit)]


async def of_subjects(connection: Connection, store_id: str, subjects: Sequence[str]) -> list[dict[str, Any]]:
    """What is closed to any of these."""
    return [dict(row) for row in await connection.fetch(OF_SUBJECTS, store_id, list(subjects))]


async def subject_of_address(connection: Connection, address: str) -> str:
    """Under which an address stands."""
    return str(await connection.fetchval(SUBJECT_OF_ADDRESS, spelled(address)))


async def subjects_of_customer(connection: Connection, store_id: str, customer_id: str) -> list[str]:
    """Under which a customer stands: by name, and by the addresses that they have now."""
    return [row["subject"] for row in await connection.fetch(SUBJECTS_OF_CUSTOMER, store_id, customer_id)]


async def lift(connection: Connection, store_id: str, what: Lift) -> list[dict[str, Any]]:
    """Lifts what is closed, and notes by whom and why; returns what was."""
    whose = (what.channel, list(what.subjects), list(what.reasons))
    return [dict(row) for row in await connection.fetch(LIFT, store_id, *whose, what.by, what.why)]


async def lifted(connection: Connection, store_id: str, before: int, limit: int) -> list[dict[str, Any]]:
    """What was lifted, the last first, before an id."""
    return [dict(row) for row in await connection.fetch(LIFTED, store_id, before, limit)]
