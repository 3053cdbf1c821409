"""A message's link was followed: noted and told once, in one commit. What may have been a machine is told apart.

What looks like a person's click is held back for some seconds: whoever asks for all links of a message, or for one that
nobody sees, has asked for this one first.
"""

from datetime import datetime
from uuid import UUID

from libs.contracts.events import MessageClicked
from libs.outbox import store as outbox
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.ids import uuid7
from services.notifier.db import answers, link_visits, short_links
from services.notifier.domain.answers import Answer
from services.notifier.domain.click import TOGETHER, Link, Suspicion, one_of_many
from services.notifier.domain.short_link import hashed, is_short
from services.notifier.handlers.source import SOURCE

OWN_LINK = "link"
"""Who tells of what came by a link of ours: no provider."""
BATCH = 200


async def take_click(pool: Pool, reminder_id: UUID, suspected: Suspicion | None, now: datetime) -> None:
    """Takes a link of ours that was followed: what may have been a machine is told, what may be a person waits."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        if suspected is None:
            await link_visits.hold(connection, reminder_id, now, OWN_LINK)
        else:
            await note_and_tell_suspected(connection, reminder_id, OWN_LINK, suspected, now)


async def note_visit(pool: Pool, token: str, link: Link) -> None:
    """Notes that another link of a message was asked for, by the secret of its way out; links of before have none."""
    if is_short(token):
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await link_visits.note(connection, hashed(token), link)


async def tell_held(pool: Pool, now: datetime) -> int:
    """Tells of clicks that were held for long enough, as a person's or not; returns of how many."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        held = await link_visits.due(connection, TOGETHER, BATCH)
        for click in held:
            why = one_of_many(click.channel, click.clicked_at, click.others)
            if why is None:
                await _note_and_tell(connection, click.reminder_id, now)
            else:
                await note_and_tell_suspected(connection, click.reminder_id, click.provider, why, now)
    return len(held)


async def _note_and_tell(connection: Connection, reminder_id: UUID, now: datetime) -> None:
    found = await short_links.note_click(connection, reminder_id)
    if found is not None:
        await outbox.append(connection, [MessageClicked(event_id=uuid7(), occurred_at=now, **found)], SOURCE)


async def note_and_tell_suspected(
    connection: Connection, reminder_id: UUID, provider: str, why: Suspicion, now: datetime, carrier: str | None = None
) -> None:
    """Tells the first of a message's clicks that may be a machine's; none any more once a person's is known. `provider`
    tells of it, by `carrier` the message went, where that is known.
    """
    told = await short_links.to_tell(connection, reminder_id)
    if told is None:
        return
    answer = Answer("", "suspected", now, reason=why)
    if await answers.note(connection, reminder_id, provider, answer, None):
        event = MessageClicked(event_id=uuid7(), occurred_at=now, suspected=why, provider=carrier, **told)
        await outbox.append(connection, [event], SOURCE)
