"""A database that holds an outbox and nothing else, and a reader of what stands on a topic."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.codec import encode
from libs.contracts.events import LevelSet
from libs.contracts.topics import CART_HORIZON, CUSTOMER_PROFILES, INVENTORY_LEVELS, Topic, dlq, named
from libs.kafka.clients import producer
from libs.runtime.clock import utc_now
from libs.runtime.ids import uuid7

OUTBOX_SCHEMA = Path(__file__).parents[3] / "libs/outbox/schema.sql"

ReadAll = Callable[[str], Awaitable[list[Any]]]


def level(number: int, sku: str = "mug") -> LevelSet:
    return LevelSet(
        event_id=uuid7(), occurred_at=utc_now(), store_id="s", sku=sku, available=number, level_version=number + 1
    )


@pytest.fixture
def topics() -> Sequence[Topic]:
    return (CUSTOMER_PROFILES, INVENTORY_LEVELS, named(dlq(INVENTORY_LEVELS.name)), CART_HORIZON)


@pytest.fixture
def outbox_dsn(make_database: Callable[[Path], str], tmp_path: Path) -> str:
    tmp_path.joinpath("0001_outbox.sql").write_text(OUTBOX_SCHEMA.read_text())
    return make_database(tmp_path)


@pytest.fixture
async def connection(outbox_dsn):
    connection = await asyncpg.connect(outbox_dsn)
    yield connection
    await connection.close()


@pytest.fixture
def read_all(kafka, topic_prefix) -> ReadAll:
    """Everything that stands on a topic now, per partition in order."""

    async def read(topic: str) -> list[Any]:
        consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
        await consumer.start()
        try:
            places = [TopicPartition(topic_prefix + topic, p) for p in range(named(topic).partitions)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            records = []
            for place, end in sorted(ends.items()):
                while await consumer.position(place) < end:
                    records.extend((await consumer.getmany(place, timeout_ms=1000)).get(place, []))
            return records
        finally:
            await consumer.stop()

    return read


@pytest.fixture
async def put(kafka, topic_prefix):
    """Writes records to the topic: events, or raw (key, value, headers)."""
    sender = producer(kafka)
    await sender.start()

    async def write(*things):
        for thing in things:
            if isinstance(thing, tuple):
                key, value, headers = thing
            else:
                record = encode(thing, "/test")
                key, value = record.key.encode(), record.value
                headers = [(k, v.encode()) for k, v in record.headers.items()]
            await sender.send_and_wait(topic_prefix + INVENTORY_LEVELS.name, value, key=key, headers=headers)

    yield write
    await sender.stop()
