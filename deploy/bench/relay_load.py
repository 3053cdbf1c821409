"""The relay against a bare producer that sends the same bytes."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg

from deploy.bench.sql_load import events
from libs.outbox.relay import BATCH, Relay, producer
from libs.outbox.store import APPEND, rows
from services.cart.db.save_cart import SOURCE

_CLEAR = "TRUNCATE outbox"


class RelayLoad:
    """A scratch outbox and a scratch topic."""

    def __init__(self, dsn: str, bootstrap: str, prefix: str) -> None:
        self._dsn, self._bootstrap, self._prefix = dsn, bootstrap, prefix

    async def relay(self, count: int) -> float:
        """Events a second that the relay moves from the outbox to Kafka."""
        connection, kafka = await asyncpg.connect(self._dsn), producer(self._bootstrap)
        await kafka.start()
        try:
            await self._fill(connection, count)
            relay = Relay(self._dsn, self._bootstrap, topic_prefix=self._prefix)
            began, moved = time.perf_counter(), 0
            while published := await relay.publish(connection, kafka):
                moved += published
            assert moved == count, f"the relay moved {moved} of {count}"
            return moved / (time.perf_counter() - began)
        finally:
            await connection.execute(_CLEAR)
            await connection.close()
            await kafka.stop()

    async def bare(self, count: int) -> float:
        """Events a second that aiokafka alone sends, with the same settings, in batches of the same size."""
        kafka = producer(self._bootstrap)
        await kafka.start()
        try:
            ready = _ready(count, self._prefix)
            began = time.perf_counter()
            for start in range(0, count, BATCH):
                await asyncio.gather(*[await kafka.send(**one) for one in ready[start : start + BATCH]])
            return count / (time.perf_counter() - began)
        finally:
            await kafka.stop()

    async def _fill(self, connection: "asyncpg.Connection[asyncpg.Record]", count: int) -> None:
        await connection.execute(_CLEAR)
        batch = rows(events(count, datetime.now(UTC)), SOURCE)
        await connection.execute(APPEND, batch.topics, batch.keys, batch.values, batch.headers)


def _ready(count: int, prefix: str) -> list[dict[str, Any]]:
    batch = rows(events(count, datetime.now(UTC)), SOURCE)
    return [
        {
            "topic": prefix + topic,
            "value": value,
            "key": key.encode(),
            "headers": [(name, text.encode()) for name, text in json.loads(headers).items()],
        }
        for topic, key, value, headers in zip(batch.topics, batch.keys, batch.values, batch.headers, strict=True)
    ]
