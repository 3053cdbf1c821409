"""Whoever got a message wants no more by its channel: told once of each message, in the caller's transaction."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from libs.contracts.events import MessageUnsubscribed
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import answers
from services.notifier.domain.answers import Answer
from services.notifier.handlers.opens import SAYS
from services.notifier.handlers.source import SOURCE

By = Literal["link", "preferences", "reply"]


async def tell_stopped(connection: Connection, store_id: str, subject: str, channel: str, now: datetime) -> None:
    """A STOP came from an address, by its hash: it is told of the message that went there last."""
    if about := await answers.last_to(connection, store_id, subject, channel):
        await tell_unsubscribed(connection, about, channel, "reply", now)


async def tell_unsubscribed(connection: Connection, reminder_id: UUID, channel: str, by: By, now: datetime) -> None:
    """Writes it beside the message, and tells it the first time; of a message that is not known nothing follows."""
    answer = Answer("", "unsubscribed", now, reminder_id)
    delivery = await answers.about(connection, answer, channel)
    if delivery is None or not await answers.note(connection, reminder_id, by, answer, None):
        return
    says = {name: delivery[name] for name in SAYS}
    await outbox.append(connection, [MessageUnsubscribed(event_id=uuid7(), occurred_at=now, by=by, **says)], SOURCE)
