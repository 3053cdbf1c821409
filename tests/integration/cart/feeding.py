"""The feeds as the shop's systems write them, and what the cart service makes of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.topics import TOPICS, dlq
from libs.kafka.clients import producer
from services.cart.feeds.consumer import Feeds
from services.cart.main import authenticators, feeds
from tests.integration.cart.shop import Shop, settings
from tests.support.eventually import eventually


@dataclass
class Feeding:
    """Writes to the feeds of a shop and reads their dead letters."""

    kafka: str
    prefix: str
    sender: Any

    async def write(self, topic: str, *records: Any, key: bytes = b"one") -> None:
        """Records in their order, in one partition; what is not bytes goes as JSON."""
        for record in records:
            value = record if isinstance(record, bytes) or record is None else json.dumps(record).encode()
            await self.sender.send_and_wait(self.prefix + topic, value, key=key)

    async def dead(self, topic: str) -> list[tuple[bytes | None, str]]:
        """The dead letters of a feed: what stood in the record, and why it was put aside."""
        name = dlq(topic)
        (known,) = [t for t in TOPICS if t.name == name]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, enable_auto_commit=False)
        await consumer.start()
        try:
            places = [TopicPartition(self.prefix + name, p) for p in range(known.partitions)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            found = []
            for place, end in (await consumer.end_offsets(places)).items():
                while await consumer.position(place) < end:
                    records = (await consumer.getmany(place, timeout_ms=1000)).get(place, [])
                    found += [(r.value, dict(r.headers)["dlq_error"].decode()) for r in records]
            return found
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def reading(self, shop: Shop) -> AsyncIterator[Feeds]:
        """The role, with this shop's database and clock."""
        of = settings(kafka_bootstrap=self.kafka, topic_prefix=self.prefix)
        running = feeds(of, authenticators(of), shop.pool, shop.clock, lambda *_: shop.touched.append(1))
        task = asyncio.create_task(running.run())
        try:
            yield running
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def settled(self, running: Feeds, topic: str) -> None:
        """Waits until all that stands on the feed has been handled."""

        async def read() -> bool:
            ends = await running.read_to_end(topic)
            return bool(ends) and all(ends.values())

        await eventually(read)

    async def read(self, shop: Shop, topic: str, *records: Any) -> list[tuple[bytes | None, str]]:
        """Writes records, has them handled, and gives the dead letters."""
        await self.write(topic, *records)
        async with self.reading(shop) as running:
            await self.settled(running, topic)
        return await self.dead(topic)


@asynccontextmanager
async def feeding(kafka: str, topic_prefix: str) -> AsyncIterator[Feeding]:
    """A writer to the feeds."""
    sender = producer(kafka)
    await sender.start()
    try:
        yield Feeding(kafka, topic_prefix, sender)
    finally:
        await sender.stop()
