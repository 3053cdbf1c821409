"""What was decided about each reminder, once. Takes a connection, never commits."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection
from services.trigger.db.columns import columns
from services.trigger.domain.decision import Decision

RECORD_DECISIONS = """
INSERT INTO decisions (reminder_id, store_id, customer_id, campaign, step, channel, cart_id, cart_version, sku, due_at,
                       outcome, reason, price, step_name, arm, total, currency, order_id, named, campaign_version)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::uuid[],
                     $8::bigint[], $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::bigint[],
                     $14::text[], $15::text[], $16::bigint[], $17::text[], $18::text[], $19::jsonb[], $20::text[])
ON CONFLICT (reminder_id) DO NOTHING
RETURNING reminder_id
"""

COLUMNS = (
    "reminder_id",
    "store_id",
    "customer_id",
    "campaign",
    "step",
    "channel",
    "cart_id",
    "cart_version",
    "sku",
    "due_at",
    "outcome",
    "reason",
    "price",
    "step_name",
    "variant",
    "total",
    "currency",
    "order_id",
    "named",
)


DUE = "SELECT reminder_id, due_at FROM decisions WHERE reminder_id = ANY ($1::uuid[])"

# In one order, so that two processes that are told of the same messages never wait for each other in a circle.
NOTE_UNTOLD = """
WITH these AS (
    SELECT reminder_id FROM decisions
    WHERE reminder_id = ANY ($1::uuid[]) AND came_to_nothing IS NULL ORDER BY reminder_id FOR UPDATE
)
UPDATE decisions AS d SET came_to_nothing = true FROM these WHERE d.reminder_id = these.reminder_id
"""


async def note_untold(connection: Connection, reminder_ids: Collection[UUID]) -> None:
    """These reminders came to nothing: nobody was told by them."""
    await connection.execute(NOTE_UNTOLD, list(reminder_ids))


async def known_due(connection: Connection, reminder_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When those of the reminders that were decided on were due."""
    return {row["reminder_id"]: row["due_at"] for row in await connection.fetch(DUE, reminder_ids)}


async def record_decisions(
    connection: Connection, decisions: Sequence[Decision], version_of: Callable[[str], str]
) -> set[UUID]:
    """Records decisions with the version of their store's campaigns; returns the ids of those that are news."""
    if not decisions:
        return set()
    rows = await connection.fetch(
        RECORD_DECISIONS, *columns(decisions, *COLUMNS), [version_of(d.store_id) for d in decisions]
    )
    return {row["reminder_id"] for row in rows}
