"""What was sent, and who has looked at it, or at a cart in a preview. Functions take a connection, and never commit."""

from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection

CONTENT = """
SELECT reminder_id, customer_id, channel, template, state, sending_at, content
FROM deliveries WHERE store_id = $1 AND reminder_id = $2 AND content IS NOT NULL
"""
NOTE = "INSERT INTO content_views (store_id, reminder_id, viewed_by) VALUES ($1, $2, $3)"
NOTE_CART = "INSERT INTO preview_views (store_id, cart_id, viewed_by) VALUES ($1, $2, $3)"


async def content(connection: Connection, store_id: str, reminder_id: UUID) -> dict[str, Any] | None:
    """What was sent of a reminder of a store, as it is kept; None where nothing is."""
    row = await connection.fetchrow(CONTENT, store_id, reminder_id)
    return None if row is None else dict(row)


async def note_view(connection: Connection, store_id: str, reminder_id: UUID, name: str) -> None:
    """Notes that somebody looks at it."""
    await connection.execute(NOTE, store_id, reminder_id, name)


async def note_cart_view(connection: Connection, store_id: str, cart_id: UUID, name: str) -> None:
    """Notes that somebody is shown a message about a cart of somebody else's."""
    await connection.execute(NOTE_CART, store_id, cart_id, name)
