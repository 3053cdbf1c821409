"""What events begin and end is written with its timers, and what is due is decided, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

import structlog

from libs.contracts.by_type import types_among
from libs.contracts.events import CartEvent, Event, OrderEvent, OrderPlaced, ProductViewed
from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE
from libs.inbox.records import Received
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import occasions, participants, reach
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.decision import Decision
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.occasion_changes import changes_by
from services.trigger.domain.occasions import (
    Begun,
    Beside,
    Change,
    Key,
    Occasion,
    Viewed,
    apply,
    decide_all,
    due,
    next_at,
)
from services.trigger.domain.participation import Participants
from services.trigger.domain.reach import ReachOf
from services.trigger.handlers.facts import load_beside
from services.trigger.handlers.request_reminders import request_reminders

log = structlog.get_logger(__name__)

Followed = ProductViewed | OrderPlaced | OrderEvent | CartEvent
FOLLOWED = (ProductViewed, OrderPlaced, OrderEvent, CartEvent)
Told = tuple[Change, datetime, int]
"""A change, when the event that told it occurred, and the partition through which that came."""


def changes_of_batch(received: Sequence[Received[Event]], campaigns: CampaignsOf) -> list[Told]:
    """What begins and ends by these events. What was looked at comes first: what is taken of it says since when."""
    kinds = types_among([r.event for r in received], *FOLLOWED)
    told = [(cast("Followed", r.event), r.partition) for r in received if type(r.event) in kinds]
    followed = [(event, partition) for event, partition in told if campaigns(event.store_id).subjects]
    followed.sort(key=lambda one: not isinstance(one[0], ProductViewed))
    return [
        (change, event.occurred_at, partition)
        for event, partition in followed
        for change in changes_by(event, campaigns(event.store_id).subjects)
    ]


async def apply_changes(
    connection: Connection, told: Sequence[Told], campaigns: CampaignsOf, now: datetime
) -> list[Decision]:
    """Applies changes, in order, of what a campaign of the store follows; returns what was decided in passing.

    A step that was due before a change, but is looked at only after it, is decided as it would have been in time.
    """
    told = [one for one in told if one[0].key[1] in campaigns(one[0].key[0]).subjects]
    told = await _of_the_living(connection, told)
    if not told:
        return []
    reached = await _reached(connection, told, campaigns)
    known = await occasions.lock(connection, {change.key for change, _, _ in told})
    changed: dict[Key, Occasion] = {}
    late: list[tuple[Occasion, tuple[Planned, ...]]] = []
    for change, at, partition in told:
        before, steps = known.get(change.key), tuple[Planned, ...]()
        decided = before
        if before is not None and (steps := due(before, campaigns(before.store_id), at)):
            decided = replace(before, decided_until=max(before.decided_until, at))
        after = apply(decided, change, partition, _zone_of(change, reached))
        if after is None or after is decided:
            continue
        if before is not None and steps:
            late.append((before, steps))
        known[change.key] = changed[change.key] = after
    await occasions.save(connection, [(one, next_at(one, campaigns(one.store_id))) for one in changed.values()])
    taking_part = await _lock_parts(connection, [one for one, _ in late], campaigns)
    beside = await load_beside(connection, late, campaigns)
    decisions = _decisions(late, now, taking_part, beside)
    await participants.save(connection, taking_part)
    return await request_reminders(connection, decisions, now, campaigns) if decisions else []


async def decide_due(connection: Connection, limit: int, campaigns: CampaignsOf) -> tuple[int, list[Decision]]:
    """Decides on up to `limit` occasions whose timer is due: on how many, and what. One that can't be decided on loses
    its timer instead of stopping all others.
    """
    claimed = await occasions.claim(connection, limit)
    if not claimed:
        return 0, []
    try:
        async with connection.transaction():
            return len(claimed), await _decide_together(connection, claimed, campaigns)
    except OUTSIDE:
        raise
    except Exception:
        log.exception("timers.occasions_failed")
        return len(claimed), await _decide_one_by_one(connection, claimed, campaigns)


async def _decide_one_by_one(
    connection: Connection, claimed: Sequence[occasions.Claimed], campaigns: CampaignsOf
) -> list[Decision]:
    fresh: list[Decision] = []
    for one in claimed:
        try:
            async with connection.transaction():
                fresh += await _decide_together(connection, [one], campaigns)
        except OUTSIDE:
            raise
        except Exception:
            log.exception("timers.occasion_failed", subject=one.occasion.subject)
            metrics.TIMERS.labels("broken").inc()
            await occasions.rearm(connection, [(one.occasion, None)])
    return fresh


async def _decide_together(
    connection: Connection, claimed: Sequence[occasions.Claimed], campaigns: CampaignsOf
) -> list[Decision]:
    """Decides, asks and sets the timers anew, in a few statements for all of them."""
    now = claimed[0].now
    steps = [(c.occasion, due(c.occasion, campaigns(c.occasion.store_id), c.read_until)) for c in claimed]
    taking_part = await _lock_parts(connection, [one for one, _ in steps], campaigns)
    beside = await load_beside(connection, steps, campaigns)
    decisions = _decisions(steps, now, taking_part, beside)
    await participants.save(connection, taking_part)
    fresh = await request_reminders(connection, decisions, now, campaigns)
    after = [replace(c.occasion, decided_until=max(c.occasion.decided_until, c.read_until)) for c in claimed]
    await occasions.rearm(connection, [(one, next_at(one, campaigns(one.store_id))) for one in after])
    return fresh


def _decisions(
    found: Sequence[tuple[Occasion, tuple[Planned, ...]]],
    now: datetime,
    taking_part: Participants,
    beside: Sequence[Beside],
) -> list[Decision]:
    return [
        decided
        for (one, steps), known in zip(found, beside, strict=True)
        for decided in decide_all(one, steps, now, taking_part, known)
    ]


async def _lock_parts(connection: Connection, found: Sequence[Occasion], campaigns: CampaignsOf) -> Participants:
    whose = {(one.store_id, one.customer_id) for one in found}
    return await participants.lock(connection, {part for who in whose for part in campaigns(who[0]).parts_of(*who)})


async def _of_the_living(connection: Connection, told: Sequence[Told]) -> list[Told]:
    """Without what customers did before they were erased, however late it comes."""
    people = [(change.key[0], change.customer_id) for change, _, _ in told if isinstance(change, Begun | Viewed)]
    erased = await erasure.among(connection, people) if people else {}
    return [one for one in told if not _is_past(one, erased)]


def _is_past(told: Told, erased: Mapping[erasure.Person, erasure.Erased]) -> bool:
    change, at, _ = told
    gone = erased.get((change.key[0], change.customer_id)) if isinstance(change, Begun | Viewed) else None
    return gone is not None and at <= gone.until


async def _reached(connection: Connection, told: Sequence[Told], campaigns: CampaignsOf) -> ReachOf:
    """How the customers of what begins can be reached, where a window of their store hangs on where they are."""
    return await reach.among(
        connection,
        {
            (change.key[0], change.customer_id)
            for change, _, _ in told
            if isinstance(change, Begun | Viewed) and campaigns(change.key[0]).occasions_by_zone_of_recipient
        },
    )


def _zone_of(change: Change, reached: ReachOf) -> str | None:
    theirs = reached.get((change.key[0], change.customer_id)) if isinstance(change, Begun | Viewed) else None
    return None if theirs is None else theirs.zone
