"""A message's link was followed: noted and told once, in one commit."""

from datetime import datetime
from uuid import UUID

from libs.contracts.events import MessageClicked
from libs.outbox import store as outbox
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.ids import uuid7
from services.notifier.db import short_links
from services.notifier.handlers.source import SOURCE


async def tell_click(pool: Pool, reminder_id: UUID, now: datetime) -> bool:
    """Whether it was the first click of the message."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        return await note_and_tell(connection, reminder_id, now)


async def note_and_tell(connection: Connection, reminder_id: UUID, now: datetime) -> bool:
    """The same in a transaction of the caller's."""
    found = await short_links.note_click(connection, reminder_id)
    if found is not None:
        await outbox.append(connection, [MessageClicked(event_id=uuid7(), occurred_at=now, **found)], SOURCE)
    return found is not None
