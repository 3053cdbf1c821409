"""Claims what is due, decides, and asks for the reminders: all in one transaction, so that a crash repeats nothing."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE
from libs.outbox.waker import Waker
from libs.postgres.clock import database_now
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Connection, Pool, connect
from libs.runtime.beside import beside
from libs.runtime.keep_running import keep_running
from libs.runtime.run_every import run_every
from services.trigger import metrics
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.db import clicks, retention, timers
from services.trigger.db.progress import PROGRESS
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.decision import EXPIRED, Decision
from services.trigger.handlers.fan_out_stretches import tell_pages
from services.trigger.handlers.occasions import decide_due
from services.trigger.handlers.timers import decide_one_by_one, decide_together
from services.trigger.settings import TriggerSettings

log = structlog.get_logger(__name__)

BATCH = 500
SIDE_BY_SIDE = 3
"""Connections that many due carts are decided on over: more would wait for the one process that decides."""
KEEP_CLOSED = timedelta(days=40)
"""Longer than cart.events are kept, so that reading the topic anew finds every cart that it could reopen."""
KEEP_VIEWS = timedelta(days=30)
"""Nobody remembers for longer what they looked at."""
KEEP_PARTICIPANTS = timedelta(days=400)
"""Who has not entered a campaign for so long is new to it."""
KEEP_ORDERS = timedelta(days=400)
"""As far as segments look back: a year, and the days around it."""
FORGET_EVERY_S = 3600.0
ALIVE_S = 5.0
"""So often it is asked whether the connection that listens still does."""

Decide = Callable[[Connection, Sequence[timers.Claimed], CampaignsOf], Awaitable[list[Decision]]]


class Timers:
    """Looks at what is due, and works on fan-outs, as long as there is something; then waits to be woken.

    Nothing falls due but by reading on, so whoever notes how far was read wakes the timers where something waits for
    it. A wake-up that is lost, or a campaign that settles by the clock, costs the poll's interval.
    """

    def __init__(self, settings: TriggerSettings, pool: Pool, campaigns: CampaignRegistry) -> None:
        self._pool, self._campaigns, self._poll_s = pool, campaigns, settings.poll_seconds
        self._waker, self._woken = Waker(pool), asyncio.Event()
        self._dsn = settings.database_url.get_secret_value()
        self._keep_decisions = timedelta(days=settings.decisions_days)
        self._forget_at = 0.0

    async def run(self) -> None:
        """Fires until cancelled; an outage of PostgreSQL is waited out."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._waker.run())
            tasks.create_task(keep_running(self._listen, "timers.deaf", FAILURES))
            tasks.create_task(run_every(self._poll_s, self._round, "timers.round_failed", OUTSIDE, wake=self._woken))

    async def _listen(self) -> None:
        connection = await connect(self._dsn, command_timeout_s=ALIVE_S)
        try:
            await connection.add_listener(PROGRESS, lambda *_: self._woken.set())
            while True:
                await database_now(connection)
                await asyncio.sleep(ALIVE_S)
        finally:
            connection.terminate()

    async def _round(self) -> None:
        # beside each other, so that neither a heap of timers nor a long fan-out keeps the other waiting
        while sum(await beside(self.fire_all(), _until_none(self.fire_occasions), _until_none(self.fan_out))):
            continue
        await self._forget()

    async def fire_all(self) -> int:
        """Decides on all carts whose timer is due; returns on how many.

        Batches overlap: while the database works on one, the next is decided on. Each takes carts that nobody holds.
        """
        first = await self.fire()
        if first < BATCH:
            return first
        return first + sum(await beside(*(_until_none(self.fire) for _ in range(SIDE_BY_SIDE))))

    async def fire(self) -> int:
        """Decides on up to `BATCH` carts whose timer is due; returns on how many."""
        try:
            return await self._fire(decide_together)
        except OUTSIDE:
            raise
        except Exception:
            log.exception("timers.batch_failed")
            return await self._fire(decide_one_by_one)

    async def _fire(self, decide: Decide) -> int:
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            await erasure.hold(connection, alone=False)
            claimed = await timers.claim(connection, BATCH)
            fresh = await decide(connection, claimed, self._campaigns.of) if claimed else []
        _count(fresh)
        if fresh:
            self._waker.touch()
        return len(claimed)

    async def fire_occasions(self) -> int:
        """Decides on up to `BATCH` occasions whose timer is due; returns on how many."""
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            await erasure.hold(connection, alone=False)
            looked_at, fresh = await decide_due(connection, BATCH, self._campaigns.of)
        _count(fresh)
        if fresh:
            self._waker.touch()
        return looked_at

    async def fan_out(self) -> bool:
        """Tells the next pages of one fan-out's holders; returns whether there was one."""
        return await tell_pages(self._pool, self._campaigns.of, self._asked_by_fan_out)

    def _asked_by_fan_out(self, asked: int) -> None:
        metrics.ASKED_BY_FAN_OUT.inc(asked)
        self._waker.touch()

    async def _forget(self) -> None:
        if time.monotonic() < self._forget_at:
            return
        self._forget_at = time.monotonic() + FORGET_EVERY_S
        async with self._pool.acquire(timeout=5) as connection:
            now = await database_now(connection)
            await retention.forget_decisions(connection, now - self._keep_decisions)
            await retention.forget_participants(connection, now - KEEP_PARTICIPANTS)
            await retention.forget_orders(connection, now - KEEP_ORDERS)
            await retention.forget_occasions(connection, now - KEEP_CLOSED)
            await retention.forget_views(connection, now - KEEP_VIEWS)
            await retention.forget_carts(connection, now - KEEP_CLOSED)
            await retention.forget_watches(connection, now - KEEP_CLOSED)
            await clicks.forget(connection, now - KEEP_CLOSED)
            await retention.forget_fan_outs(connection, now - self._keep_decisions)
            await erasure.forget(connection, now - KEEP_CLOSED)


async def _until_none(work: Callable[[], Awaitable[int]]) -> int:
    """Works until there is nothing left to do; returns how much was done."""
    done = 0
    while part := await work():
        done += part
    return done


def _what_became(decided: Decision) -> str:
    if decided.outcome == "would_send":
        return "fired"
    return EXPIRED if decided.reason == EXPIRED else "skipped"


def _count(decided: Sequence[Decision]) -> None:
    for what, number in Counter(map(_what_became, decided)).items():
        metrics.TIMERS.labels(what).inc(number)
    for one in decided:
        if one.reason == EXPIRED:
            log.info("reminder.expired", reminder_id=str(one.reminder_id), cart_id=str(one.cart_id), step=one.step)
