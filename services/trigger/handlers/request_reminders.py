"""What was decided becomes a request to the notifier, in the caller's transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db.decisions import known_due, record_decisions
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.decision import Decision, already_decided
from services.trigger.handlers.tell_decisions import rows_of


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

    def version_of(store_id: str) -> str:
        return campaigns(store_id).version

    recording = asyncio.create_task(record_decisions(connection, explained, version_of))
    await asyncio.sleep(0)  # it is on its way; what is told of next to all of them is written while the database works
    try:
        rows = rows_of(explained, now, version_of)
    finally:
        known = await recording
    fresh = explained
    if known:
        fresh = [d for d in explained if d.reminder_id not in known]
        due = await known_due(connection, list(known))
        again = [d for d in explained if d.reminder_id in known]
        reused = [already_decided(d) for d in again if due[d.reminder_id] != d.due_at]
        recorded_before = await record_decisions(connection, reused, version_of)
        fresh += [d for d in reused if d.reminder_id not in recorded_before]
        rows = rows_of(fresh, now, version_of)
    if before_telling is not None:
        await before_telling()
    await outbox.append_rows(connection, rows)
    return fresh


def _count_others(decisions: Sequence[Decision], explained: int) -> None:
    """Carts that have no recipient are counted, once for each time that they went quiet, and told of nowhere."""
    if explained < len(decisions):
        quiet = {(d.cart_id, d.cart_version) for d in decisions if d.customer_id is None}
        metrics.WITHOUT_RECIPIENT.inc(len(quiet))
