"""From falling due to being asked for: the relay, Kafka, the consumer and the timers, all as they run live.

Events of new carts are written to a scratch outbox at an even pace, and fall due `DELAY_S` later, while others are
written. Latencies are from the due time to the request in the trigger's outbox, both by the database's clock.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from pydantic import SecretStr

from deploy.bench.meter import OWN, metering
from deploy.bench.rows import Turn
from deploy.bench.shoppers import events
from deploy.kafka.topics import create_topics, delete_topics
from libs.contracts.topics import CART_EVENTS, CART_HORIZON, named
from libs.kafka.cluster import Servers
from libs.outbox.horizon import Horizon
from libs.outbox.relay import Relay
from libs.outbox.store import WAKE, append
from libs.postgres.pool import Pool, open_pool
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.consumer import TOPICS, Consumer
from services.trigger.settings import TriggerSettings
from services.trigger.timers import Timers

TICK_S, EACH_TICK = 0.1, 5
DELAY_S = 1
_TOPICS = (CART_HORIZON, *map(named, TOPICS))
_CAMPAIGNS = f"""
campaigns:
  - {{name: due, kind: abandoned_cart, steps: [{{delay: {DELAY_S}s, channel: email, template: due, lateness: 1h}}]}}
"""
_CLEAR = "TRUNCATE carts, holdings, decisions, stock_levels, fan_outs, partition_progress, outbox"
_CLEAR_OUTBOX = "TRUNCATE outbox"
_READ = "SELECT count(*) FROM partition_progress WHERE read_until > now() - interval '1 s'"
_ASKED = "SELECT count(*) FROM outbox WHERE topic = 'reminder.requests'"
_LATE = """
SELECT extract(epoch FROM occurred_at - (convert_from(value, 'UTF8')::jsonb ->> 'due_at')::timestamptz)::float8
    AS late_s
FROM outbox WHERE topic = 'reminder.requests' ORDER BY id OFFSET $1
"""
_PATIENCE_S = 120
_SOURCE = "/evercart/bench"
_BARE = """
INSERT INTO outbox (topic, key, value, headers)
SELECT 'reminder.requests', n::text, convert_to('{}', 'UTF8'), '{}' FROM generate_series(1, $1::integer) AS n
RETURNING extract(epoch FROM clock_timestamp() - $2::timestamptz)::float8 AS late_s
"""


class DueLoad:
    """Scratch databases of the cart and the trigger, and topics of its own beside those of `prefix`."""

    def __init__(self, cart: str, trigger: str, reference: str, servers: Servers, prefix: str) -> None:
        self._cart, self._trigger, self._reference = cart, trigger, reference
        self._servers, self._prefix = servers, f"{prefix}due."

    async def ours(self, timers: int) -> dict[str, Any]:
        """A turn of timers that fall due one after the other."""
        pool = await open_pool(self._trigger, size=6, name="bench")
        cart = await open_pool(self._cart, size=2, name="bench")
        await create_topics(self._servers, self._prefix, topics=_TOPICS)
        try:
            await cart.execute(_CLEAR_OUTBOX)
            await pool.execute(_CLEAR)
            async with self._running(pool), metering(self._trigger, {"relay and trigger": OWN}) as meter:
                await _until(pool, _READ, CART_EVENTS.partitions)
                await _tell(cart, EACH_TICK)
                await _until(pool, _ASKED, EACH_TICK)  # connections have planned
                before, began = await meter.read(), time.perf_counter()
                for start in range(0, timers, EACH_TICK):
                    await _tell(cart, min(EACH_TICK, timers - start))
                    await asyncio.sleep(TICK_S)
                await _until(pool, _ASKED, EACH_TICK + timers)
                ended, cost = time.perf_counter(), (await meter.read()).since(before)
            late = [row["late_s"] for row in await pool.fetch(_LATE, EACH_TICK)]
            assert len(late) == timers, f"{len(late)} of {timers} timers have asked for a reminder"
            return Turn.of(timers, ended - began, late, cost).as_json()
        finally:
            await pool.execute(_CLEAR)
            await pool.close()
            await cart.close()
            await delete_topics(self._servers, self._prefix, _TOPICS)

    @asynccontextmanager
    async def _running(self, pool: Pool) -> AsyncIterator[None]:
        with TemporaryDirectory() as folder:
            Path(folder, "default.yaml").write_text(_CAMPAIGNS)
            settings = TriggerSettings(
                mode="local",
                database_url=SecretStr(self._trigger),
                kafka_bootstrap=str(self._servers),
                topic_prefix=self._prefix,
                campaigns_dir=Path(folder),
            )
            campaigns = CampaignRegistry(Path(folder), pool)
            await campaigns.open()
            horizon = Horizon(self._servers, CART_EVENTS.name, _SOURCE, prefix=self._prefix)
            relay = Relay(self._cart, self._servers, topic_prefix=self._prefix, horizon=horizon)
            roles: list[Coroutine[Any, Any, None]] = [
                relay.run(),
                Consumer(settings, pool, campaigns).run(),
                Timers(settings, pool, campaigns).run(),
            ]
            tasks = [asyncio.create_task(role) for role in roles]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def bare(self, timers: int) -> dict[str, Any]:
        """A turn of requests that are written when they are due, by the clock alone: nobody asks what was read."""
        connection = await asyncpg.connect(self._reference)
        try:
            await connection.execute(_CLEAR_OUTBOX)
            await connection.fetch(_BARE, EACH_TICK, datetime.now(UTC))
            async with metering(self._reference, {"client": OWN}) as meter:
                before, began, late = await meter.read(), time.perf_counter(), list[float]()
                for start in range(0, timers, EACH_TICK):
                    rows = await connection.fetch(_BARE, min(EACH_TICK, timers - start), datetime.now(UTC))
                    late += [row["late_s"] for row in rows]
                    await asyncio.sleep(TICK_S)
                await asyncio.sleep(DELAY_S)
                ended, cost = time.perf_counter(), (await meter.read()).since(before)
            return Turn.of(timers, ended - began, late, cost).as_json()
        finally:
            await connection.execute(_CLEAR_OUTBOX)
            await connection.close()


async def _tell(cart: Pool, carts: int) -> None:
    async with cart.acquire() as connection, connection.transaction():
        await append(connection, events(carts, datetime.now(UTC), lines=1), _SOURCE)
    await cart.execute(WAKE, "outbox")


async def _until(pool: Pool, query: str, wanted: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while await pool.fetchval(query) < wanted:
            await asyncio.sleep(TICK_S)
