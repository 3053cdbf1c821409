"""Claims what is due, decides, and asks for the reminders: all in one transaction, so that a crash repeats nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE
from libs.outbox.waker import Waker
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.run_every import run_every
from services.trigger import metrics
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.db import carts, stock
from services.trigger.domain.abandonment import EXPIRED, wake
from services.trigger.domain.decision import Decision
from services.trigger.handlers.fan_out import close, spread
from services.trigger.handlers.request_reminders import ask
from services.trigger.settings import TriggerSettings

log = structlog.get_logger(__name__)

BATCH = 500
KEEP_CLOSED = timedelta(days=40)
"""Longer than cart.events are kept, so that reading the topic anew finds every cart that it could reopen."""
FORGET_EVERY = timedelta(hours=1)

Decide = Callable[[Connection, Sequence[carts.Claimed], CampaignRegistry], Awaitable[list[Decision]]]


class Timers:
    """Looks at what is due, and works on fan-outs, as long as there is something; then waits for the poll."""

    def __init__(self, settings: TriggerSettings, pool: Pool, book: CampaignRegistry, clock: Clock = utc_now) -> None:
        self._pool, self._book, self._clock, self._poll_s = pool, book, clock, settings.poll_seconds
        self._waker = Waker(pool)
        self._keep_decisions = timedelta(days=settings.decisions_days)
        self._forgotten: datetime | None = None

    async def run(self) -> None:
        """Fires until cancelled; an outage of PostgreSQL is waited out."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._waker.run())
            tasks.create_task(run_every(self._poll_s, self._round, "timers.round_failed", OUTSIDE))

    async def _round(self) -> None:
        while await self.fire() or await self.spread():
            continue
        await self._forget()

    async def fire(self) -> int:
        """Decides on up to `BATCH` carts whose timer is due; returns on how many."""
        try:
            return await self._fire(_together)
        except OUTSIDE:
            raise
        except Exception:
            log.exception("timers.batch_failed")
            return await self._fire(_one_by_one)

    async def _fire(self, decide: Decide) -> int:
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            await erasure.hold(connection, alone=False)
            claimed = await carts.claim(connection, BATCH)
            fresh = await decide(connection, claimed, self._book) if claimed else []
        _count(fresh)
        if fresh:
            self._waker.touch()
        return len(claimed)

    async def spread(self) -> bool:
        """Tells the next page of one fan-out's holders; returns whether there was one."""
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            await erasure.hold(connection, alone=False)
            job = await stock.claim_fan_out(connection)
            if job is None:
                return False
            told = await self._page(connection, job)
        metrics.TOLD.inc(told)
        self._waker.touch()
        return True

    async def _page(self, connection: Connection, job: stock.FanOut) -> int:
        try:
            async with connection.transaction():
                return await spread(connection, job, self._book.of(job.store_id))
        except OUTSIDE:
            raise
        except Exception:
            log.exception("fan_out.failed", crossing_id=str(job.crossing_id))
            await close(connection, job, "failed")
            return 0

    async def _forget(self) -> None:
        now = self._clock()
        if self._forgotten is not None and now - self._forgotten < FORGET_EVERY:
            return
        self._forgotten = now
        async with self._pool.acquire(timeout=5) as connection:
            await carts.forget(connection, now - self._keep_decisions, now - KEEP_CLOSED)
            await stock.forget_fan_outs(connection, now - self._keep_decisions)
            await erasure.forget(connection, now - KEEP_CLOSED)


async def _together(connection: Connection, claimed: Sequence[carts.Claimed], book: CampaignRegistry) -> list[Decision]:
    """Decides, asks and sets the timers anew, in one statement each; returns what was decided."""
    awoken = [wake(c.state, book.of(c.state.store_id), c.read_until, c.now) for c in claimed]
    fresh = await ask(connection, [d for a in awoken for d in a.decisions], claimed[0].now)
    await carts.rearm(connection, [(a.state, a.next_at) for a in awoken])
    metrics.TIMERS.labels("voided").inc(sum(not a.decisions for a in awoken))
    return fresh


async def _one_by_one(
    connection: Connection, claimed: Sequence[carts.Claimed], book: CampaignRegistry
) -> list[Decision]:
    """The same for each cart alone: one that can't be decided on loses its timer instead of stopping all others."""
    fresh: list[Decision] = []
    for one in claimed:
        try:
            async with connection.transaction():
                fresh += await _together(connection, [one], book)
        except OUTSIDE:
            raise
        except Exception:
            log.exception("timers.cart_failed", cart_id=str(one.state.cart_id), version=one.state.version)
            metrics.TIMERS.labels("broken").inc()
            await carts.rearm(connection, [(one.state, None)])
    return fresh


def _count(decided: Sequence[Decision]) -> None:
    for one in decided:
        expired = one.reason == EXPIRED
        metrics.TIMERS.labels("fired" if one.outcome == "would_send" else EXPIRED if expired else "skipped").inc()
        if expired:
            log.info("reminder.expired", reminder_id=str(one.reminder_id), cart_id=str(one.cart_id), step=one.step)
