"""Text messages that came in. Functions take a connection, and never commit."""

from typing import Any

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.replies import Meaning

# Who sent it is known only where exactly one customer has the number.
NOTE = """
INSERT INTO replies (message_sid, store_id, meaning, customer_id)
SELECT $1, $2, $3, CASE count(*) WHEN 1 THEN min(customer_id) END FROM contacts WHERE store_id = $2 AND phone = $4
ON CONFLICT DO NOTHING
"""

UNCLEAR = """
SELECT message_sid, customer_id, received_at FROM replies
WHERE store_id = $1 AND meaning = 'unclear'
ORDER BY received_at DESC LIMIT $2
"""


async def note(connection: Connection, sid: str, store_id: str, asked: Meaning, number: str) -> bool:
    """Notes that a text message came in; False if it is known already."""
    return rows_affected(await connection.execute(NOTE, sid, store_id, asked, number)) == 1


async def unclear(connection: Connection, store_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """The replies that a person should read, newest first, by the provider's ids."""
    return [dict(row) for row in await connection.fetch(UNCLEAR, store_id, limit)]
