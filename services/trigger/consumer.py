"""Events in: what they mean is written in a transaction, of many in a few, and only then acknowledged to Kafka."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from libs.contracts.by_type import of_types, types_among
from libs.contracts.events import (
    CartEvent,
    ErasureRequested,
    Event,
    HorizonMoved,
    LevelSet,
    OrderEvent,
    OrderPlaced,
    PriceSet,
)
from libs.contracts.topics import (
    CAMPAIGN_ASSETS,
    CART_EVENTS,
    CART_HORIZON,
    CUSTOMER_ERASURES,
    CUSTOMER_REACH,
    INVENTORY_LEVELS,
    MESSAGE_EVENTS,
    PRICE_LEVELS,
    STORES,
)
from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE, Inbox, Received
from libs.inbox.newest import Newest
from libs.inbox.subscribing import BATCH
from libs.outbox.waker import Waker
from libs.postgres.clock import database_now
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Connection, Pool
from libs.runtime.age import Age
from libs.runtime.beside import beside
from libs.runtime.run_every import run_every
from services.trigger import metrics
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.db.progress import PROGRESS, advance, know, lag_seconds
from services.trigger.handlers.campaign_assets import apply_assets
from services.trigger.handlers.carts import apply_cart_events
from services.trigger.handlers.clicks import apply_clicks
from services.trigger.handlers.erasure import erase
from services.trigger.handlers.lanes import LANES, apart
from services.trigger.handlers.occasions import apply_changes, changes_of_batch
from services.trigger.handlers.orders import apply_orders
from services.trigger.handlers.price_levels import keep_prices
from services.trigger.handlers.reach import apply_reach
from services.trigger.handlers.read_until import ReadUntil
from services.trigger.handlers.stock_levels import apply_levels
from services.trigger.handlers.stores import apply_stores
from services.trigger.handlers.untold import apply_untold
from services.trigger.handlers.watches import apply_watches
from services.trigger.settings import TriggerSettings

GROUP = "trigger"
TOPICS = (
    *(CART_EVENTS.name, INVENTORY_LEVELS.name, PRICE_LEVELS.name, CUSTOMER_ERASURES.name),
    *(CUSTOMER_REACH.name, MESSAGE_EVENTS.name, STORES.name, CAMPAIGN_ASSETS.name),
)
MOST = LANES * BATCH
"""Records of a batch, at most: what is more than `BATCH` goes over several connections."""


class Applied(NamedTuple):
    """What a batch came to: up to when partitions are read, and whether anything is due by it or is to be relayed."""

    until: dict[int, datetime]
    due: bool
    asked: bool


class Consumer:
    """Keeps carts, stock and progress as the events tell them."""

    def __init__(self, settings: TriggerSettings, pool: Pool, campaigns: CampaignRegistry) -> None:
        self._pool, self._campaigns = pool, campaigns
        self._waker, self._progress = Waker(pool), Waker(pool, PROGRESS)
        self._read_until = ReadUntil(timedelta(seconds=settings.settle_seconds))
        self._known = frozenset[int]()
        self._lag = Age(metrics.LAG, CART_EVENTS.name)
        self._poll_s = settings.poll_seconds
        self.inbox = Inbox(settings.kafka, GROUP, TOPICS, self.handle, topic_prefix=settings.topic_prefix, most=MOST)
        self._horizons = Newest(settings.kafka, CART_HORIZON.name, self.note_horizon, settings.topic_prefix)

    async def run(self) -> None:
        """Consumes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.inbox.run())
            tasks.create_task(self._waker.run())
            tasks.create_task(self._progress.run())
            tasks.create_task(self._horizons.run())
            tasks.create_task(run_every(self._poll_s, self.note_ends, "consumer.tick_failed", OUTSIDE))
            tasks.create_task(run_every(self._poll_s, self.measure_lag, "consumer.lag_unknown", FAILURES))

    async def handle(self, received: Sequence[Received[Event]]) -> None:
        """Erasures, orders, carts and timers, stock and prices, and how far was read: one batch, one transaction.

        A large one goes in parts, carts beside each other, and how far was read comes last: whoever reads it again
        after a crash finds some of it done, and drops that.
        """
        in_parts = len(received) > BATCH and not types_among([one.event for one in received], ErasureRequested)
        applied = await (self._apply_apart(received) if in_parts else self._apply_together(received))
        metrics.LATE.inc(self._read_until.late(received))
        self._read_until.note(applied.until)
        if applied.due:
            self._progress.touch()
        if applied.asked:
            self._waker.touch()

    async def _apply_together(self, received: Sequence[Received[Event]]) -> Applied:
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            now, asked = await self._apply(connection, received)
            until = self._read_until.of_batch(received, now, looked=self._horizons.looked)
            return Applied(until, await advance(connection, until), asked)

    async def _apply_apart(self, received: Sequence[Received[Event]]) -> Applied:
        first, lanes = apart(received)
        parts = [await self._apply_alone(first)] if first else []
        parts += await beside(*map(self._apply_alone, lanes))
        until = self._read_until.of_batch(received, min(now for now, _ in parts), looked=self._horizons.looked)
        async with self._pool.acquire(timeout=5) as connection:
            due = await advance(connection, until)
        return Applied(until, due, any(asked for _, asked in parts))

    async def _apply_alone(self, received: Sequence[Received[Event]]) -> tuple[datetime, bool]:
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            return await self._apply(connection, received)

    async def _apply(self, connection: Connection, received: Sequence[Received[Event]]) -> tuple[datetime, bool]:
        """What events mean is written; returns when that began, and whether there is something for the relay."""
        events = [r.event for r in received]
        requests, of_carts = of_types(events, ErasureRequested), types_among(events, CartEvent)
        cart_events = [(cast("CartEvent", r.event), r.partition) for r in received if type(r.event) in of_carts]
        of_orders: list[OrderPlaced | OrderEvent] = of_types(events, OrderPlaced, OrderEvent)
        await erasure.hold(connection, alone=bool(requests))
        now = await database_now(connection)
        for request in requests:
            await erase(connection, request, now)
        await apply_orders(connection, of_orders)
        await apply_reach(connection, events)
        await apply_watches(connection, events)
        await apply_untold(connection, events)
        await apply_clicks(connection, events)
        await apply_stores(connection, events)
        await apply_assets(connection, events)
        asked = await apply_cart_events(connection, cart_events, self._campaigns.of, now)
        changes = changes_of_batch(received, self._campaigns.of)
        asked = bool(await apply_changes(connection, changes, self._campaigns.of, now)) or asked
        await self._know_partitions(connection)
        await apply_levels(connection, of_types(events, LevelSet), self._campaigns.of)
        await keep_prices(connection, of_types(events, PriceSet), self._campaigns.of)
        return now, asked or bool(requests)

    async def _know_partitions(self, connection: Connection) -> None:
        """A fan-out waits for all partitions: those of which nothing was ever read are known before there is one."""
        partitions = self.inbox.partitions(CART_EVENTS.name)
        if not partitions <= self._known:
            await know(connection, partitions)
            self._known = partitions

    async def note_horizon(self, received: Received[Event]) -> None:
        """What the cart's relay has told: partitions of which nothing is left to read were read up to then."""
        if isinstance(received.event, HorizonMoved) and received.event.of == CART_EVENTS.name:
            self._read_until.tell(received.event, received.timestamp)
            await self._note(self._read_until.of_positions(await self.inbox.positions(CART_EVENTS.name)))

    async def note_ends(self) -> None:
        """Where no horizons are told: where all is read that stood in a partition, it is read up to the asking.

        Where they are, the last one may have come before the group gave this process its partitions.
        """
        if self._read_until.silent and await self._horizons.at_end():
            self._read_until.forget()
        if self._read_until.by_horizon:
            await self._note(self._read_until.of_positions(await self.inbox.positions(CART_EVENTS.name)))
            return
        if not self._horizons.looked:
            return
        async with self._pool.acquire(timeout=5) as connection:
            asked = await database_now(connection)
        ended = [partition for partition, read in (await self.inbox.read_to_end(CART_EVENTS.name)).items() if read]
        await self._note(self._read_until.of_ends(ended, asked))

    async def _note(self, until: Mapping[int, datetime]) -> None:
        if news := self._read_until.news(until):
            async with self._pool.acquire(timeout=5) as connection:
                due = await advance(connection, news)
            self._read_until.note(news)
            if due:
                self._progress.touch()

    async def measure_lag(self) -> None:
        """How far reading is behind, as the database says: Kafka may be what is down."""
        async with self._pool.acquire(timeout=5) as connection:
            lag = await lag_seconds(connection)
        if lag is not None:
            self._lag.measured(lag)
