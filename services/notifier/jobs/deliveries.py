"""Takes up what is due, a few at a time, and is woken when something comes in."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from uuid import uuid4

import structlog

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool, connect
from libs.runtime.keep_running import keep_running
from libs.runtime.run_every import run_every
from services.notifier.channels.outcome import provider_works
from services.notifier.db import deliveries
from services.notifier.domain.lanes import Key, Lanes
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.token_bucket import TokenBucket
from services.notifier.handlers.delivery import Delivery
from services.notifier.metrics import LANE_SHUT

log = structlog.get_logger(__name__)

DRAIN_S = 8.0
LANES_AT_ONCE = 4
"""So many times what one lane may have under way is what a process may, hanging deliveries aside."""


def lane_of(reminder: Reminder) -> Key:
    """Where it waits: with those of its store on its channel, which go by one provider."""
    return reminder.store_id, reminder.channel


class Worker:
    """A delivery loop; any number of them may run side by side, in one process or in many."""

    def __init__(
        self,
        dsn: str,
        pool: Pool,
        delivery: Delivery,
        *,
        in_flight: int,
        lease: timedelta,
        poll_s: float,
        pace: TokenBucket | None = None,
    ) -> None:
        self._dsn, self._pool, self._delivery = dsn, pool, delivery
        self._lease, self._poll_s = lease, poll_s
        self._lanes = Lanes(in_flight, in_flight * LANES_AT_ONCE)
        self._pace = pace or TokenBucket(0)
        self._woken = asyncio.Event()
        self._shut: set[Key] = set()
        self._tasks: dict[asyncio.Task[None], Reminder] = {}

    async def run(self) -> None:
        """Delivers until cancelled; then what is under way has `DRAIN_S` seconds to end."""
        listening = asyncio.create_task(keep_running(self._listen, "listening.retry", FAILURES))
        renewing = asyncio.create_task(self._keep_leases())
        try:
            while True:
                self._woken.clear()
                if not await self._take_up():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._poll_s):
                            await self._woken.wait()
        finally:
            listening.cancel()
            await self._drain()
            renewing.cancel()

    async def _take_up(self) -> bool:
        """Takes up what is due and has a place; whether there may be more of that."""
        now = monotonic()
        free = self._pace.allowed(self._lanes.free(now), now)
        if free < 1:
            return False
        self._tell_shut(now)
        try:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                claimed = await deliveries.claim(
                    connection,
                    free,
                    uuid4(),
                    self._lease,
                    places=self._lanes.places(now),
                    share=self._lanes.share,
                )
        except FAILURES as error:
            log.warning("worker.waiting", error=type(error).__name__)
            return False
        self._pace.took(len(claimed))
        for reminder in claimed:
            self._lanes.began(lane_of(reminder), reminder.reminder_id, now)
            task = asyncio.create_task(self._one(reminder))
            self._tasks[task] = reminder
            task.add_done_callback(self._ended)
        return len(claimed) == free

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)

    def _tell_shut(self, now: float) -> None:
        shut = self._lanes.shut(now)
        for store_id, channel in self._shut - shut:
            LANE_SHUT.labels(store_id, channel).set(0)
            log.info("lane.open", store_id=store_id, channel=channel)
        for store_id, channel in shut - self._shut:
            LANE_SHUT.labels(store_id, channel).set(1)
            log.error("lane.shut", store_id=store_id, channel=channel)
        self._shut = shut

    async def _one(self, reminder: Reminder) -> None:
        """Whatever goes wrong with one delivery stays with it: its lease lapses and it is taken up again."""
        lane, works = lane_of(reminder), None
        try:
            works = provider_works(await self._delivery.deliver(reminder))
        except FAILURES as error:
            log.warning("delivery.left", reminder_id=str(reminder.reminder_id), error=type(error).__name__)
        except Exception:
            log.exception("delivery.failed", reminder_id=str(reminder.reminder_id))
        finally:
            now = monotonic()
            self._lanes.ended(lane, reminder.reminder_id, now, works=works)
            if self._lanes.places(now).get(lane, self._lanes.share):
                self._woken.set()

    async def _keep_leases(self) -> None:
        """Renews what is under way while this process lives: a lease is short, a provider may take its time."""
        every = self._lease.total_seconds() / 3
        await run_every(every, self._renew, "leases.not_renewed", FAILURES, wait_first=True)

    async def _renew(self) -> None:
        if self._tasks:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await deliveries.renew(connection, self._tasks.values(), self._lease)

    async def _drain(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _listen(self) -> None:
        """A session of its own for LISTEN, while it lasts; until there is one again, the poll does its work, later."""
        connection = await connect(self._dsn)
        ended = asyncio.Event()
        connection.add_termination_listener(lambda *_: ended.set())
        try:
            await connection.add_listener("deliveries", lambda *_: self._woken.set())
            self._woken.set()
            await ended.wait()
        finally:
            connection.terminate()
