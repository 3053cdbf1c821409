"""Carts whose timer is due are decided on, in the caller's transaction, so that a crash repeats nothing."""

from collections.abc import Sequence
from functools import cache

import structlog

from libs.inbox.consumer import OUTSIDE
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import participants, timers
from services.trigger.db.timers import Claimed
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import wake
from services.trigger.handlers.facts import load_facts
from services.trigger.handlers.request_reminders import request_reminders

log = structlog.get_logger(__name__)


async def decide_together(connection: Connection, claimed: Sequence[Claimed], campaigns: CampaignsOf) -> list[Decision]:
    """Decides, asks and sets the timers anew, in one statement each; returns what was decided."""
    campaigns = cache(campaigns)  # asked of every cart
    states = [c.state for c in claimed]
    due_to = ((s.store_id, s.customer_id) for s in states if campaigns(s.store_id).keeps_participants)
    taking_part = await participants.lock(
        connection, {part for who in due_to for part in campaigns(who[0]).parts_of(*who)}
    )
    facts = await load_facts(connection, states, campaigns)
    awoken = [wake(c.state, campaigns(c.state.store_id), c.read_until, c.now, taking_part, facts) for c in claimed]
    await participants.save(connection, taking_part)
    fresh = await request_reminders(connection, [d for a in awoken for d in a.decisions], claimed[0].now, campaigns)
    await timers.rearm(connection, [(a.before.cart_id, a.next_at, a.decided_until) for a in awoken])
    metrics.TIMERS.labels("voided").inc(sum(not a.decisions for a in awoken))
    return fresh


async def decide_one_by_one(
    connection: Connection, claimed: Sequence[Claimed], campaigns: CampaignsOf
) -> list[Decision]:
    """The same for each cart alone: one that can't be decided on loses its timer instead of stopping all others."""
    fresh: list[Decision] = []
    for one in claimed:
        try:
            async with connection.transaction():
                fresh += await decide_together(connection, [one], campaigns)
        except OUTSIDE:
            raise
        except Exception:
            log.exception("timers.cart_failed", cart_id=str(one.state.cart_id), version=one.state.version)
            metrics.TIMERS.labels("broken").inc()
            await timers.rearm(connection, [(one.state.cart_id, None, one.state.decided_until)])
    return fresh
