"""A message's link was followed: noted and told once, in one commit. What may have been a machine is told apart."""

from datetime import datetime
from uuid import UUID

from libs.contracts.events import MessageClicked
from libs.outbox import store as outbox
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.ids import uuid7
from services.notifier.db import answers, short_links
from services.notifier.domain.answers import Answer
from services.notifier.domain.click import Suspicion
from services.notifier.handlers.source import SOURCE

OWN_LINK = "link"
"""Who tells of what came by a link of ours: no provider."""


async def tell_click(pool: Pool, reminder_id: UUID, suspected: Suspicion | None, now: datetime) -> None:
    """Tells of a link of ours that was followed."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        if suspected is None:
            await note_and_tell(connection, reminder_id, now)
        else:
            await note_and_tell_suspected(connection, reminder_id, OWN_LINK, suspected, now)


async def note_and_tell(connection: Connection, reminder_id: UUID, now: datetime) -> None:
    """The same of a person's click, in a transaction of the caller's."""
    found = await short_links.note_click(connection, reminder_id)
    if found is not None:
        await outbox.append(connection, [MessageClicked(event_id=uuid7(), occurred_at=now, **found)], SOURCE)


async def note_and_tell_suspected(
    connection: Connection, reminder_id: UUID, provider: str, why: Suspicion, now: datetime
) -> None:
    """Tells the first of a message's clicks that may be a machine's; none any more once a person's is known."""
    told = await short_links.to_tell(connection, reminder_id)
    if told is None:
        return
    answer = Answer("", "suspected", now, reason=why)
    if await answers.note(connection, reminder_id, provider, answer, None):
        event = MessageClicked(event_id=uuid7(), occurred_at=now, suspected=why, **told)
        await outbox.append(connection, [event], SOURCE)
