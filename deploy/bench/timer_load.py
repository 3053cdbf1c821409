"""The trigger's own code on a scratch database, without Kafka: timers armed and fired, holders of an item told.

Latencies are those of a batch: of 1,000 events, 500 carts, up to 32 pages of 500 holders.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from deploy.bench.meter import OWN, Meter, metering
from deploy.bench.rows import Turn
from deploy.bench.shoppers import LINES, STORE, WARM, events
from libs.contracts.events import CartEvent, Event, LevelSet
from libs.contracts.topics import CART_EVENTS
from libs.inbox.consumer import Received
from libs.postgres.pool import Connection, Pool, open_pool
from libs.runtime.ids import uuid7
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.consumer import MOST, Consumer
from services.trigger.db.progress import advance
from services.trigger.domain.campaigns import LONG_AGO
from services.trigger.main import MIGRATIONS
from services.trigger.settings import TriggerSettings
from services.trigger.timers import BATCH, SIDE_BY_SIDE, Timers

_CLEAR = "TRUNCATE carts, holdings, decisions, stock_levels, fan_outs, partition_progress, outbox"
_ASKED = "SELECT count(*) FROM outbox WHERE topic = 'reminder.requests'"
_CAMPAIGNS = MIGRATIONS.parent / "campaigns"
_AGO = timedelta(hours=2)
"""The first reminder was due an hour ago, within its lateness budget."""
_ITEM, _OTHER = "sku-0", "sku-other"

Step = Callable[[], Awaitable[object]]


class TimerLoad:
    """A scratch database of the trigger's."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._settings = TriggerSettings(database_url=SecretStr(dsn), settle_seconds=0, campaigns_dir=_CAMPAIGNS)

    async def timers(self, carts: int) -> list[dict[str, Any]]:
        """A turn of events taken in, five of each cart, which arms its timer; and one of timers that fire."""
        async with self._trigger() as (pool, consumer, timers, meter):
            batches = iter(_batches(list(events(WARM + carts, datetime.now(UTC) - _AGO))))

            async def take_in() -> bool:
                batch = next(batches, None)
                if batch is not None:
                    await consumer.handle(batch)
                return batch is not None

            for _ in range(WARM * LINES // MOST):
                await take_in()
            armed = await _timed(meter, take_in, carts * LINES)
            await _read_through(pool)
            for _ in range(WARM // BATCH // SIDE_BY_SIDE):
                await asyncio.gather(*(timers.fire() for _ in range(SIDE_BY_SIDE)))
            fired = await _timed(meter, timers.fire, carts, SIDE_BY_SIDE)
            assert await pool.fetchval(_ASKED) == WARM + carts, "not every timer has asked for a reminder"
            return [armed.as_json(), fired.as_json()]

    async def fan_out(self, holders: int) -> dict[str, Any]:
        """A turn of holders who are told that an item runs low."""
        async with self._trigger() as (pool, consumer, timers, meter):
            carts = list(events(WARM + holders, datetime.now(UTC) - _AGO, lines=1))
            others = [one.model_copy(update={"sku": _OTHER, "holds": {_OTHER: 1}}) for one in carts[:WARM]]
            for batch in _batches([*others, *carts[WARM:], *_falling(_OTHER, WARM)]):
                await consumer.handle(batch)
            await _read_through(pool)
            while await timers.fan_out():
                continue
            await consumer.handle(_batches(_falling(_ITEM, holders))[0])
            told = await _timed(meter, timers.fan_out, holders)
            assert await pool.fetchval(_ASKED) == WARM + holders, "not every holder is told"
            return told.as_json()

    @asynccontextmanager
    async def _trigger(self) -> AsyncIterator[tuple[Pool, Consumer, Timers, Meter]]:
        pool = await open_pool(self._dsn, size=SIDE_BY_SIDE, name="bench", plan_once=True)
        try:
            await pool.execute(_CLEAR)
            book = CampaignRegistry(Path(_CAMPAIGNS), pool, _long_ago)  # as if they had always been on
            await book.open()
            consumer, timers = Consumer(self._settings, pool, book), Timers(self._settings, pool, book)
            await _connect(pool)
            async with metering(self._dsn, {"trigger": OWN}) as meter:
                yield pool, consumer, timers, meter
        finally:
            await pool.close()


async def _connect(pool: Pool) -> None:
    """Opens all connections: the reference, too, is counted from when it is connected."""
    async with AsyncExitStack() as held:
        for _ in range(pool.get_max_size()):
            await held.enter_async_context(pool.acquire(timeout=5))


async def _long_ago(_: Connection) -> datetime:
    return LONG_AGO


def _falling(sku: str, units: int) -> list[LevelSet]:
    """To so many units: no more people are told."""
    return [_level(sku, units * 10, 1, units), _level(sku, units, 2, units)]


def _level(sku: str, available: int, version: int, threshold: int) -> LevelSet:
    return LevelSet(
        event_id=uuid7(),
        occurred_at=datetime.now(UTC) - timedelta(minutes=1),
        store_id=STORE,
        sku=sku,
        available=available,
        level_version=version,
        threshold=threshold,
        rearm_above=1,
    )


def _batches(found: Sequence[Event]) -> list[list[Received[Event]]]:
    received = [
        Received(event, event.topic, _partition(event), offset, event.occurred_at) for offset, event in enumerate(found)
    ]
    return [received[start : start + MOST] for start in range(0, len(received), MOST)]


def _partition(event: Event) -> int:
    return event.cart_id.int % CART_EVENTS.partitions if isinstance(event, CartEvent) else 0


async def _read_through(pool: Pool) -> None:
    """Every partition has been read up to now: what is due may fire."""
    async with pool.acquire(timeout=5) as connection:
        await advance(connection, dict.fromkeys(range(CART_EVENTS.partitions), datetime.now(UTC)))


async def _timed(meter: Meter, step: Step, calls: int, beside: int = 1) -> Turn:
    """The steps, one after the other or a few beside each other, until there is nothing left to do."""
    before, latencies = await meter.read(), list[float]()
    began = time.perf_counter()

    async def steps() -> float:
        ended = began
        while await step():
            latencies.append(time.perf_counter() - ended)
            ended = time.perf_counter()
        return ended

    ended = max(await asyncio.gather(*(steps() for _ in range(beside))))
    return Turn.of(calls, ended - began, latencies, (await meter.read()).since(before))
