"""Events in: what they mean is written in one transaction for each batch, and only then acknowledged to Kafka."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from libs.contracts.events import CartEvent, ErasureRequested, Event, LevelSet
from libs.contracts.topics import CART_EVENTS, CUSTOMER_ERASURES, INVENTORY_LEVELS
from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE, Inbox, Received
from libs.outbox.waker import Waker
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.run_every import run_every
from services.trigger import metrics
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.db import carts, stock
from services.trigger.domain.abandonment import next_at
from services.trigger.domain.batch import take_in
from services.trigger.domain.low_stock import Crossing, StockState, apply_level
from services.trigger.handlers.erasure import erase
from services.trigger.handlers.request_reminders import ask
from services.trigger.settings import TriggerSettings

GROUP = "trigger"
TOPICS = (CART_EVENTS.name, INVENTORY_LEVELS.name, CUSTOMER_ERASURES.name)


class Consumer:
    """Keeps carts, stock and progress as the events tell them."""

    def __init__(self, settings: TriggerSettings, pool: Pool, book: CampaignRegistry, clock: Clock = utc_now) -> None:
        self._pool, self._book, self._clock = pool, book, clock
        self._waker = Waker(pool)
        self._noted: dict[int, datetime] = {}
        self._settle, self._poll_s = timedelta(seconds=settings.settle_seconds), settings.poll_seconds
        self.inbox = Inbox(settings.kafka_bootstrap, GROUP, TOPICS, self.handle, topic_prefix=settings.topic_prefix)

    async def run(self) -> None:
        """Consumes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.inbox.run())
            tasks.create_task(self._waker.run())
            tasks.create_task(run_every(self._poll_s, self.note_ends, "consumer.tick_failed", OUTSIDE))

    async def handle(self, received: Sequence[Received[Event]]) -> None:
        """One batch, one transaction: erasures, carts and their timers, stock and its crossings, how far was read."""
        requests = [r.event for r in received if isinstance(r.event, ErasureRequested)]
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            await erasure.hold(connection, alone=bool(requests))
            for request in requests:
                await erase(connection, request, self._clock())
            asked = await self._carts(
                connection, [(r.event, r.partition) for r in received if isinstance(r.event, CartEvent)]
            )
            await self._stock(connection, [r.event for r in received if isinstance(r.event, LevelSet)])
            await carts.advance(connection, self._read_until(received))
        if asked or requests:
            self._waker.touch()

    async def _carts(self, connection: Connection, events: Sequence[tuple[CartEvent, int]]) -> bool:
        """Writes what the events changed; returns whether a reminder was asked for in passing."""
        if not events:
            return False
        erased = await erasure.among(connection, [(e.store_id, e.customer_id) for e, _ in events if e.customer_id])
        known = await carts.lock_carts(connection, {event.cart_id for event, _ in events})
        intake = take_in(known, events, self._book.of, self._clock(), {who: one.until for who, one in erased.items()})
        rows = [
            (c.state, next_at(c.state, self._book.of(c.state.store_id)), c.partition) for c in intake.changed.values()
        ]
        holds = {cart_id: c.holds for cart_id, c in intake.changed.items()}
        _, armed = await carts.save_carts(connection, rows, holds)
        asked = await ask(connection, intake.overtaken, self._clock())
        metrics.EVENTS.labels("changed").inc(len(events) - intake.dropped)
        metrics.EVENTS.labels("dropped").inc(intake.dropped)
        metrics.TIMERS.labels("armed").inc(armed)
        metrics.TIMERS.labels("overtaken").inc(len(asked))
        metrics.LATE.inc(sum(e.occurred_at < self._noted[p] for e, p in events if p in self._noted))
        return bool(asked)

    async def _stock(self, connection: Connection, events: Sequence[LevelSet]) -> None:
        watched = [(e, campaign, since) for e in events for campaign, since in self._book.of(e.store_id).low_stock]
        if not watched:
            return
        known = await stock.levels(connection, [(e.store_id, e.sku, c.name) for e, c, _ in watched])
        changed: dict[stock.Item, StockState] = {}
        crossings: list[Crossing] = []
        for event, campaign, since in watched:
            item = (event.store_id, event.sku, campaign.name)
            before = known.get(item)
            state, crossing = apply_level(before, event, campaign)
            if state is not before:
                known[item] = changed[item] = state
            if crossing is not None and crossing.occurred_at >= since:
                crossings.append(crossing)
        await stock.save_levels(connection, changed)
        await stock.open_fan_outs(connection, crossings)
        metrics.CROSSINGS.inc(len(crossings))

    def _read_until(self, received: Sequence[Received[Event]]) -> dict[int, datetime]:
        """While lagging: the newest event's time, less what events of other carts may be behind it in the partition.

        An event from the future (a clock that runs fast) proves nothing about what comes before it.
        """
        now, until = self._clock(), dict[int, datetime]()
        for one in received:
            if one.topic == CART_EVENTS.name:
                moment = min(one.event.occurred_at, now) - self._settle
                until[one.partition] = max(until.get(one.partition, moment), moment)
        self._note(until)
        return until

    def _note(self, until: Mapping[int, datetime]) -> None:
        """Remembers how far was read: an event from before that is one that `settle` was too short for."""
        for partition, moment in until.items():
            self._noted[partition] = max(self._noted.get(partition, moment), moment)

    async def note_ends(self) -> None:
        """Where everything that stood in a partition has been read: read up to the time of asking, less `settle`."""
        asked = self._clock() - self._settle
        ended = [partition for partition, read in (await self.inbox.read_to_end(CART_EVENTS.name)).items() if read]
        async with self._pool.acquire(timeout=5) as connection:
            await carts.advance(connection, dict.fromkeys(ended, asked))
            self._note(dict.fromkeys(ended, asked))
            lag = await carts.lag_seconds(connection)
        if lag is not None:
            metrics.LAG.set(lag)
