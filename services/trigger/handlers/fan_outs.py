"""Tells those who hold an item what a campaign makes of its level.

Page by page: a million of them need no more memory than a thousand.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial

import structlog

from libs.inbox.consumer import OUTSIDE
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import fan_outs, participants, watches
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.facts import NO_FACTS, Facts
from services.trigger.domain.fan_outs import FanOut, Holder
from services.trigger.domain.kinds.protocols import TellingCampaign
from services.trigger.domain.pages import decide_page
from services.trigger.domain.participation import Key
from services.trigger.handlers.facts import load_facts_of
from services.trigger.handlers.request_reminders import request_reminders

log = structlog.get_logger(__name__)

PAGE = 500


class OvertakenError(Exception):
    """The page before was not written, or somebody else has gone on from it: whoever claims next tells this one."""


class Page:
    """One page among others. This one is alone: nothing is on its way before it."""

    async def wait_for_same(self, people: AbstractSet[str]) -> bool:  # noqa: ARG002 - nobody is before it
        """Waits for the page before where it is about some of the same people; whether they have to be read again.

        Raises `OvertakenError`.
        """
        return False

    def decided(self, onward: FanOut | None, people: AbstractSet[str]) -> None:
        """The fan-out as the next page begins, or None after the last one; and whom this one was about."""

    async def begin_to_write(self, connection: Connection, fan_out: FanOut) -> None:
        """Waits for the page before. Raises `OvertakenError`."""


async def tell_page_or_fail(connection: Connection, fan_out: FanOut, campaigns: StoreCampaigns, page: Page) -> int:
    """As `tell_page`; a fan-out that can't be worked on ends as `failed` instead of stopping all others."""
    try:
        async with connection.transaction():
            return await tell_page(connection, fan_out, campaigns, page)
    except OUTSIDE:
        raise
    except Exception:
        log.exception("fan_out.failed", crossing_id=str(fan_out.crossing_id))
        await _close(connection, fan_out, "failed")
        return 0


async def tell_page(connection: Connection, fan_out: FanOut, campaigns: StoreCampaigns, page: Page) -> int:
    """Asks for the reminders of one page of a fan-out and moves or ends it; returns how many were asked for.

    The place moves in the transaction that writes the requests, so a crash neither repeats nor leaves out anybody.
    """
    campaign, over = _campaign_of(fan_out, campaigns)
    if campaign is None:
        await page.begin_to_write(connection, fan_out)
        await _close(connection, fan_out, over)
        return 0
    held = await fan_outs.holders(connection, fan_out, campaign, PAGE)
    people = {holder.customer_id for holder in held}
    if await page.wait_for_same(people):
        held = await fan_outs.holders(connection, fan_out, campaign, PAGE)
        people = {holder.customer_id for holder in held}
    taking_part = await participants.lock(connection, _parts_of(people, fan_out, campaigns))
    decided = decide_page(campaign, fan_out, held, taking_part, await _facts_of(connection, fan_out, held, campaigns))
    last = len(held) < PAGE or decided.told == fan_out.remaining
    onward = None if last or decided.last is None else fan_out.from_there(decided.last, decided.told)
    page.decided(onward, people)
    await participants.save(connection, taking_part)
    our_turn = partial(page.begin_to_write, connection, fan_out)  # whoever comes first is told first
    asked = await request_reminders(connection, decided.decisions, fan_out.now, lambda _: campaigns, our_turn)
    if fan_out.waiting_since is not None:
        await watches.end_told(connection, fan_out.store_id, fan_out.sku, decided.told_by, fan_out.occurred_at)
    if decided.last is not None:
        await fan_outs.move_fan_out(connection, fan_out, decided.last, decided.told)
    if last:
        await _close(connection, fan_out, "done")
    return sum(decision.outcome == "would_send" for decision in asked)


def _parts_of(people: AbstractSet[str], fan_out: FanOut, campaigns: StoreCampaigns) -> set[Key]:
    """What these people may take part in; nobody is asked where no campaign keeps that."""
    if not campaigns.keeps_participants:
        return set()
    return {part for who in people for part in campaigns.parts_of(fan_out.store_id, who)}


def _campaign_of(fan_out: FanOut, campaigns: StoreCampaigns) -> tuple[TellingCampaign | None, str]:
    """The campaign that tells of a fan-out, or None and why it tells of it no more."""
    campaign, since = campaigns.telling(fan_out.campaign) or (None, None)
    if campaign is None or since is None or fan_out.occurred_at < since:
        return None, "switched_off"
    over = campaign.why_over(fan_out)
    return (campaign, "") if over is None else (None, over)


async def _facts_of(
    connection: Connection, fan_out: FanOut, held: Sequence[Holder], campaigns: StoreCampaigns
) -> Facts:
    wanted = campaigns.wanted_by(fan_out.campaign)
    if not wanted:
        return NO_FACTS
    return await load_facts_of(
        connection,
        fan_out.store_id,
        {holder.customer_id for holder in held},
        {fan_out.sku, *(item.sku for holder in held for item in holder.also_low)},
        campaigns,
        wanted,
    )


async def _close(connection: Connection, fan_out: FanOut, state: str) -> None:
    """Ends a fan-out and counts how it ended."""
    await fan_outs.close_fan_out(connection, fan_out, state)
    metrics.FAN_OUTS.labels(state).inc()
