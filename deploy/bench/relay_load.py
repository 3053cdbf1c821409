"""The relay against a bare producer that sends the same bytes."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg

from deploy.bench.meter import OWN, POSTGRES, metering
from deploy.bench.rows import Turn
from deploy.bench.shoppers import LINES, events
from libs.contracts.events import LineAdded
from libs.kafka.clients import producer
from libs.kafka.cluster import Servers
from libs.outbox.fencing import claim, under
from libs.outbox.relay import BATCH, Relay
from libs.outbox.store import APPEND, rows

_SOURCE = "/evercart/bench"
_CLEAR = "TRUNCATE outbox"


class RelayLoad:
    """A scratch outbox and a scratch topic. Latencies are those of a batch of `BATCH` events."""

    def __init__(self, dsn: str, servers: Servers, prefix: str) -> None:
        self._dsn, self._servers, self._prefix = dsn, servers, prefix

    async def relay(self, count: int) -> dict[str, Any]:
        """Events that the relay moves from the outbox to Kafka."""
        connection = await asyncpg.connect(self._dsn)
        kafka = under(producer(self._servers), await claim(self._servers, f"{self._prefix}bench"))
        await kafka.start()
        try:
            await self._fill(connection, BATCH + count)
            relay = Relay(self._dsn, self._servers, topic_prefix=self._prefix)
            assert await relay.publish(connection, kafka) == BATCH, "it knows the topics now, and has planned"
            async with metering(self._dsn, {"relay": OWN}) as meter:
                before, began, moved, latencies = await meter.read(), time.perf_counter(), 0, list[float]()
                ended = began
                while published := await relay.publish(connection, kafka):
                    moved += published
                    latencies.append(time.perf_counter() - ended)
                    ended = time.perf_counter()
                cost = (await meter.read()).since(before)
            assert moved == count, f"the relay moved {moved} of {count}"
            return Turn.of(moved, ended - began, latencies, cost).as_json()
        finally:
            await connection.execute(_CLEAR)
            await connection.close()
            await kafka.stop()

    async def bare(self, count: int) -> dict[str, Any]:
        """Events that aiokafka alone sends, with the same settings, in batches of the same size."""
        kafka = producer(self._servers)
        await kafka.start()
        try:
            ready = _ready(count, self._prefix)
            await asyncio.gather(*[await kafka.send(**one) for one in ready[:BATCH]])  # as ours, before it counts
            async with metering(self._dsn, {"producer": OWN}) as meter:
                before, began, latencies = await meter.read(), time.perf_counter(), list[float]()
                ended = began
                for start in range(0, count, BATCH):
                    await asyncio.gather(*[await kafka.send(**one) for one in ready[start : start + BATCH]])
                    latencies.append(time.perf_counter() - ended)
                    ended = time.perf_counter()
                cost = (await meter.read()).since(before)
            cost.cpu_s.pop(POSTGRES, None)  # it takes no part
            return Turn.of(count, ended - began, latencies, cost).as_json()
        finally:
            await kafka.stop()

    async def _fill(self, connection: "asyncpg.Connection[asyncpg.Record]", count: int) -> None:
        await connection.execute(_CLEAR)
        batch = rows(_events(count), _SOURCE)
        stamps = [datetime.now(UTC)] * len(batch.topics)
        await connection.execute(APPEND, batch.topics, batch.keys, batch.values, batch.headers, stamps)


def _events(count: int) -> list[LineAdded]:
    return events(-(-count // LINES), datetime.now(UTC))[:count]


def _ready(count: int, prefix: str) -> list[dict[str, Any]]:
    batch = rows(_events(count), _SOURCE)
    return [
        {
            "topic": prefix + topic,
            "value": value,
            "key": key.encode(),
            "headers": [(name, text.encode()) for name, text in json.loads(headers).items()],
        }
        for topic, key, value, headers in zip(batch.topics, batch.keys, batch.values, batch.headers, strict=True)
    ]
