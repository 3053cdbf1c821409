"""Text messages that came in. Functions take a connection, and never commit."""

from datetime import datetime
from typing import Any

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.replies import Meaning

# Who sent it is known only where exactly one customer has the number.
NOTE = """
INSERT INTO replies (message_sid, store_id, meaning, customer_id)
SELECT $1, $2, $3, CASE count(*) WHEN 1 THEN min(customer_id) END FROM (
    SELECT customer_id FROM contacts WHERE $5 = 'sms' AND store_id = $2 AND phone = $4
    UNION ALL
    SELECT customer_id FROM contacts WHERE $5 <> 'sms' AND store_id = $2 AND handles <> '{}'
        AND handles @> jsonb_build_object($5::text, jsonb_build_object('handle', $4::text))) AS theirs
ON CONFLICT DO NOTHING
"""

UNCLEAR = """
SELECT message_sid, customer_id, received_at FROM replies
WHERE store_id = $1 AND meaning = 'unclear' AND ($2::timestamptz IS NULL OR (received_at, message_sid) < ($2, $3))
ORDER BY received_at DESC, message_sid DESC LIMIT $4
"""


async def note(
    connection: Connection, sid: str, store_id: str, asked: Meaning, sender: str, channel: str = "sms"
) -> bool:
    """Notes that a message came in on a channel; False if it is known already."""
    return rows_affected(await connection.execute(NOTE, sid, store_id, asked, sender, channel)) == 1


async def unclear(
    connection: Connection, store_id: str, after: tuple[datetime, str] | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """The replies that a person should read, newest first, behind the one that came at a time."""
    return [dict(row) for row in await connection.fetch(UNCLEAR, store_id, *(after or (None, None)), limit)]
