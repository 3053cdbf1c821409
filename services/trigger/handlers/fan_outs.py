"""Tells those who hold an item what a campaign makes of its level.

Page by page: a million of them need no more memory than a thousand.
"""

import structlog

from libs.inbox.consumer import OUTSIDE
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import fan_outs, participants, watches
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.fan_outs import FanOut
from services.trigger.domain.pages import decide_page
from services.trigger.handlers.facts import load_facts_of
from services.trigger.handlers.request_reminders import request_reminders

log = structlog.get_logger(__name__)

PAGE = 500


async def tell_page_or_fail(connection: Connection, fan_out: FanOut, campaigns: StoreCampaigns) -> int:
    """As `tell_page`; a fan-out that can't be worked on ends as `failed` instead of stopping all others."""
    try:
        async with connection.transaction():
            return await tell_page(connection, fan_out, campaigns)
    except OUTSIDE:
        raise
    except Exception:
        log.exception("fan_out.failed", crossing_id=str(fan_out.crossing_id))
        await _close(connection, fan_out, "failed")
        return 0


async def tell_page(connection: Connection, fan_out: FanOut, campaigns: StoreCampaigns) -> int:
    """Asks for the reminders of one page of a claimed fan-out and moves or ends it; returns how many were asked for.

    The place moves in the transaction that writes the requests, so a crash neither repeats nor leaves out anybody.
    """
    campaign, since = campaigns.telling(fan_out.campaign) or (None, None)
    if campaign is None or since is None or fan_out.occurred_at < since:
        await _close(connection, fan_out, "switched_off")
        return 0
    if (over := campaign.why_over(fan_out)) is not None:
        await _close(connection, fan_out, over)
        return 0
    page = await fan_outs.holders(connection, fan_out, campaign, PAGE)
    parts = {part for h in page for part in campaigns.parts_of(fan_out.store_id, h.customer_id)}
    taking_part = await participants.lock(connection, parts)
    facts = await load_facts_of(
        connection,
        fan_out.store_id,
        {holder.customer_id for holder in page},
        {fan_out.sku, *(item.sku for holder in page for item in holder.also_low)},
        campaigns,
        campaigns.wanted_by(fan_out.campaign),
    )
    decided = decide_page(campaign, fan_out, page, taking_part, facts)
    await participants.save(connection, taking_part)
    asked = await request_reminders(connection, decided.decisions, fan_out.now, lambda _: campaigns)
    if fan_out.waiting_since is not None:
        await watches.end_told(connection, fan_out.store_id, fan_out.sku, decided.told_by, fan_out.occurred_at)
    if decided.last is not None:
        await fan_outs.move_fan_out(connection, fan_out, decided.last, decided.told)
    if len(page) < PAGE or decided.told == fan_out.remaining:
        await _close(connection, fan_out, "done")
    return sum(decision.outcome == "would_send" for decision in asked)


async def _close(connection: Connection, fan_out: FanOut, state: str) -> None:
    """Ends a fan-out and counts how it ended."""
    await fan_outs.close_fan_out(connection, fan_out, state)
    metrics.FAN_OUTS.labels(state).inc()
