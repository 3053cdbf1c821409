"""Text messages that came in. Functions take a connection, and never commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.addresses import spelled
from services.notifier.domain.replies import Meaning, Read

# Who sent it is known only where exactly one customer has the number. What a person has to read says where to close.
NOTE = """
INSERT INTO replies (message_sid, store_id, meaning, channel, subject, customer_id)
SELECT $1, $2, $3, $5, CASE $3 WHEN 'unclear' THEN address_subject($6) END,
    CASE count(*) WHEN 1 THEN min(customer_id) END
FROM (
    SELECT customer_id FROM contacts WHERE $5 = 'sms' AND store_id = $2 AND phone = $4
    UNION ALL
    SELECT customer_id FROM contacts WHERE $5 <> 'sms' AND store_id = $2 AND handles <> '{}'
        AND handles @> jsonb_build_object($5::text, jsonb_build_object('handle', $4::text))) AS theirs
ON CONFLICT DO NOTHING
"""

UNCLEAR = """
SELECT message_sid, customer_id, received_at FROM replies
WHERE store_id = $1 AND meaning = 'unclear' AND read_as IS NULL
    AND ($2::timestamptz IS NULL OR (received_at, message_sid) < ($2, $3))
ORDER BY received_at DESC, message_sid DESC LIMIT $4
"""
HOLD = """
SELECT coalesce(channel, 'sms') AS channel, subject, customer_id, read_as, read_by, read_at FROM replies
WHERE message_sid = $1 AND store_id = $2 AND meaning = 'unclear' FOR UPDATE
"""
READ = """
UPDATE replies SET read_as = $3, read_by = $4, read_at = $5 WHERE message_sid = $1 AND store_id = $2
"""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A reply that a person has to read, or has read: where it came from (of an address the hash, None of one that came
    before that was noted), whose it is where that is known, and what was read in it, by whom and when.
    """

    channel: str
    subject: str | None
    customer_id: str | None
    read_as: Read | None
    read_by: str | None
    read_at: datetime | None


async def note(
    connection: Connection, sid: str, store_id: str, asked: Meaning, sender: str, channel: str = "sms"
) -> bool:
    """Notes that a message came in on a channel; False if it is known already."""
    told = (sid, store_id, asked, sender, channel, spelled(sender))
    return rows_affected(await connection.execute(NOTE, *told)) == 1


async def hold(connection: Connection, sid: str, store_id: str) -> Unclear | None:
    """An unclear reply, until the end of the transaction nobody else's; None where there is none of this id."""
    row = await connection.fetchrow(HOLD, sid, store_id)
    return None if row is None else Unclear(**row)


async def read(connection: Connection, sid: str, store_id: str, read_as: Read, by: str, at: datetime) -> None:
    """Notes what a person has read in a reply."""
    await connection.execute(READ, sid, store_id, read_as, by, at)


async def unclear(
    connection: Connection, store_id: str, after: tuple[datetime, str] | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """The replies that a person should read, newest first, behind the one that came at a time."""
    return [dict(row) for row in await connection.fetch(UNCLEAR, store_id, *(after or (None, None)), limit)]
