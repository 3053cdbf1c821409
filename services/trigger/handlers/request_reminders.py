"""What was decided becomes a request to the notifier, in the caller's transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

import structlog

from libs.outbox import store as outbox
from libs.postgres.errors import UniqueViolationError
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db.decisions import copy_decisions, known_due, record_decisions
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.decision import Decision, already_decided
from services.trigger.handlers.tell_decisions import rows_of

log = structlog.get_logger(__name__)

MANY = 20
"""So many decisions are copied: few are inserted sooner than a savepoint is made."""


async def request_reminders(
    connection: Connection,
    decisions: Sequence[Decision],
    now: datetime,
    campaigns: CampaignsOf,
    before_telling: Callable[[], Awaitable[None]] | None = None,
) -> list[Decision]:
    """Records decisions, tells them, and asks for the reminders among them; returns those that are news.

    A step that comes under the id of another one is recorded as `already_decided` instead of vanishing. Guests are left
    out: there is nobody to whom it would have to be explained. `before_telling` is waited for when all is recorded, and
    what it raises is raised.
    """
    explained = [d for d in decisions if d.customer_id is not None]
    _count_others(decisions, len(explained))

    @cache
    def version_of(store_id: str) -> str:
        return campaigns(store_id).version

    on_its_way = asyncio.Event()
    recording = asyncio.create_task(_record(connection, explained, version_of, on_its_way.set))
    recording.add_done_callback(lambda _: on_its_way.set())
    try:
        await on_its_way.wait()  # what is told of next to all of them is written while the database works
        rows = rows_of(explained, now, version_of)
    finally:
        known = await recording
    fresh = explained
    if known:
        fresh = [d for d in explained if d.reminder_id not in known]
        fresh += await _record_reused(connection, [d for d in explained if d.reminder_id in known], version_of)
        rows = rows_of(fresh, now, version_of)
    if before_telling is not None:
        await before_telling()
    await outbox.append_rows(connection, rows)
    return fresh


async def _record(
    connection: Connection, decisions: Sequence[Decision], version_of: Callable[[str], str], sent: Callable[[], None]
) -> set[UUID]:
    """Records decisions; returns the ids of those that were known. `sent` is called when they are on their way."""
    if len(decisions) >= MANY:
        try:
            async with connection.transaction():
                await copy_decisions(connection, decisions, version_of, sent)
        except UniqueViolationError:
            log.info("decisions.known_among_many", decisions=len(decisions))
        else:
            return set()
    sent()
    return await record_decisions(connection, decisions, version_of)


async def _record_reused(
    connection: Connection, known: Sequence[Decision], version_of: Callable[[str], str]
) -> list[Decision]:
    """Records those decisions whose id another step had; returns those that are news."""
    due = await known_due(connection, [d.reminder_id for d in known])
    reused = [already_decided(d) for d in known if due[d.reminder_id] != d.due_at]
    recorded_before = await record_decisions(connection, reused, version_of)
    return [d for d in reused if d.reminder_id not in recorded_before]


def _count_others(decisions: Sequence[Decision], explained: int) -> None:
    """Carts that have no recipient are counted, once for each time that they went quiet, and told of nowhere."""
    if explained < len(decisions):
        quiet = {(d.cart_id, d.cart_version) for d in decisions if d.customer_id is None}
        metrics.WITHOUT_RECIPIENT.inc(len(quiet))
