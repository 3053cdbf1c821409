"""Which links of messages were asked for lately, and clicks that wait for what comes of it.

Functions take a connection, and never commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.click import Link

NOTE = """
INSERT INTO link_visits (reminder_id, link, visited_at)
SELECT reminder_id, $2, now() FROM deliveries WHERE unsubscribe_link = $1 AND sending_at IS NOT NULL FOR KEY SHARE
ON CONFLICT (reminder_id, link) DO UPDATE SET visited_at = excluded.visited_at
"""
# The first of several clicks is the one that waits: a later one does not put it off. Messages are locked first.
HOLD = """
INSERT INTO link_visits (reminder_id, link, visited_at, held, provider)
SELECT reminder_id, 'cart', $2, true, $3 FROM deliveries WHERE reminder_id = $1 AND clicked_at IS NULL FOR KEY SHARE
ON CONFLICT (reminder_id, link) DO UPDATE
SET visited_at = excluded.visited_at, held = true, provider = excluded.provider WHERE NOT link_visits.held
"""
# Messages are locked before what hangs on them, as an erasure does it.
DUE = """
WITH due AS (
    SELECT v.reminder_id, d.channel FROM link_visits v JOIN deliveries d USING (reminder_id)
    WHERE v.held AND v.visited_at < now() - $1::interval
    ORDER BY v.visited_at LIMIT $2 FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE link_visits v SET held = false FROM due WHERE v.reminder_id = due.reminder_id AND v.held
RETURNING v.reminder_id, v.visited_at, v.provider, due.channel
"""
OTHERS = "SELECT reminder_id, link, visited_at FROM link_visits WHERE reminder_id = ANY ($1::uuid[]) AND link <> 'cart'"
FORGET = """
DELETE FROM link_visits WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM link_visits WHERE visited_at < now() - $1::interval AND NOT held LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""


@dataclass(frozen=True, slots=True)
class HeldClick:
    """A click that was held back long enough, who told us of it, and when else of its message was asked for what."""

    reminder_id: UUID
    clicked_at: datetime
    provider: str
    channel: str
    others: dict[Link, datetime]


async def note(connection: Connection, unsubscribe_link: bytes, link: Link) -> None:
    """Notes that a link of the message with that hashed way out was asked for."""
    await connection.execute(NOTE, unsubscribe_link, link)


async def hold(connection: Connection, reminder_id: UUID, at: datetime, provider: str) -> None:
    """Holds a click back; of a message that was clicked before nothing is held, nor a second one beside the first."""
    await connection.execute(HOLD, reminder_id, at, provider)


async def due(connection: Connection, held_for: timedelta, limit: int) -> list[HeldClick]:
    """Takes up to `limit` clicks that were held for so long, the oldest first."""
    rows = await connection.fetch(DUE, held_for, limit)
    others = await _others(connection, [row["reminder_id"] for row in rows])
    return [
        HeldClick(row["reminder_id"], row["visited_at"], row["provider"], row["channel"], others[row["reminder_id"]])
        for row in rows
    ]


async def _others(connection: Connection, reminder_ids: Sequence[UUID]) -> dict[UUID, dict[Link, datetime]]:
    found: dict[UUID, dict[Link, datetime]] = {reminder_id: {} for reminder_id in reminder_ids}
    for row in await connection.fetch(OTHERS, reminder_ids) if reminder_ids else ():
        found[row["reminder_id"]][row["link"]] = row["visited_at"]
    return found


async def forget(connection: Connection, older_than: timedelta, limit: int) -> int:
    """Removes up to `limit` visits that were so long ago that they say nothing any more; returns how many."""
    return rows_affected(await connection.execute(FORGET, older_than, limit))
