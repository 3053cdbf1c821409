"""A trigger over a real database, its consumer and timers driven by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from libs.contracts.codec import decode, encode
from libs.contracts.events import Event, ReminderRequested
from libs.inbox.consumer import Received
from libs.postgres.clock import DatabaseClock
from libs.postgres.pool import Connection, Pool, open_pool
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.consumer import Consumer
from services.trigger.db.progress import advance
from services.trigger.main import MIGRATIONS
from services.trigger.settings import TriggerSettings
from services.trigger.timers import Timers
from tests.support.settings import settings_of
from tests.unit.trigger.making import THREE_STEPS

TOPIC = ReminderRequested.topic
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Trigger:
    """The parts of one trigger and what a test does with them."""

    settings: TriggerSettings
    pool: Pool
    campaigns: CampaignRegistry
    consumer: Consumer
    timers: Timers
    offsets: Any = field(default_factory=count)

    async def receive(self, *events: Event, partition: int = 0) -> None:
        """Hands a batch to the consumer as if it had come from that partition."""
        await self.consumer.handle(self.received(events, partition))

    def received(self, events: Sequence[Event], partition: int = 0) -> list[Received[Event]]:
        """The batch that `receive` hands over."""
        return [Received(e, e.topic, partition, next(self.offsets), e.occurred_at) for e in events]

    async def read_until(self, moment: datetime, *partitions: int) -> None:
        """Notes that partitions (by default the first) were read up to a moment."""
        async with self.pool.acquire() as connection:
            await advance(connection, dict.fromkeys(partitions or (0,), moment))

    async def requested(self) -> list[ReminderRequested]:
        """What stands in the outbox, in order."""
        rows = await self.pool.fetch("SELECT key, headers, value FROM outbox WHERE topic = $1 ORDER BY id", TOPIC)
        return [event_of(row) for row in rows]

    async def reasons(self) -> dict[int, str]:
        """Step → reason of the recorded decisions; for a single cart."""
        return {r["step"]: r["reason"] for r in await self.pool.fetch("SELECT step, reason FROM decisions")}


def event_of(row: Any) -> ReminderRequested:
    """The reminder request of an outbox row."""
    event = decode(row["key"], json.loads(row["headers"]), row["value"])
    assert isinstance(event, ReminderRequested)
    return event


def now() -> datetime:
    """The clock that the tests' events hang on: the database compares them with its own."""
    return datetime.now(UTC)


def ago(**delay: float) -> datetime:
    """A moment in the past, in the words of timedelta."""
    return now() - timedelta(**delay)


def at(moment: datetime) -> DatabaseClock:
    """A database's clock that stands still."""

    async def clock(_: Connection) -> datetime:
        return moment

    return clock


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A folder with the campaigns that the tests count on."""
    folder = tmp_path / "campaigns"
    folder.mkdir()
    (folder / "default.yaml").write_text(THREE_STEPS)
    return folder


@pytest.fixture
def trigger_dsn(make_database) -> str:
    """A fresh database whose campaigns have been on for long."""
    return str(make_database(MIGRATIONS))


@pytest.fixture
async def pool(trigger_dsn: str) -> AsyncIterator[Pool]:
    """Connections to it."""
    opened = await open_pool(trigger_dsn, size=6, plan_once=True)
    yield opened
    await opened.close()


@pytest.fixture
async def trigger(trigger_dsn: str, pool: Pool, campaigns_dir: Path) -> Trigger:
    """A trigger without Kafka."""
    return await make_trigger(trigger_dsn, pool, campaigns_dir)


async def make_trigger(dsn: str, pool: Pool, campaigns_dir: Path, since: datetime = LONG_AGO, **more: Any) -> Trigger:
    """A trigger whose campaigns were switched on at `since`; `more` are settings."""
    settings = settings_of(
        TriggerSettings,
        mode="local",
        database_url=SecretStr(dsn),
        campaigns_dir=campaigns_dir,
        settle_seconds=0,
        **more,
    )
    campaigns = CampaignRegistry(campaigns_dir, pool, clock=at(since))
    await campaigns.open()
    return Trigger(settings, pool, campaigns, Consumer(settings, pool, campaigns), Timers(settings, pool, campaigns))


class Bus:
    """Publishes as the cart's relay does."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self._producer, self.prefix = producer, prefix

    async def publish(self, *events: Event) -> None:
        for event in events:
            record = encode(event, "/evercart/cart")
            await self.raw(record.topic, record.key.encode(), record.value, record.headers)

    async def raw(self, topic: str, key: bytes, value: bytes | None, headers: dict[str, str] | None = None) -> None:
        pairs = [(k, v.encode()) for k, v in (headers or {}).items()]
        await self._producer.send_and_wait(self.prefix + topic, value, key=key, headers=pairs)


@pytest.fixture
async def bus(kafka: str, topic_prefix: str) -> AsyncIterator[Bus]:
    """Who publishes on this test's topics."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    yield Bus(producer, topic_prefix)
    await producer.stop()


@pytest.fixture
def live(kafka: str, topic_prefix: str, trigger_dsn: str, pool: Pool, campaigns_dir: Path):
    """Makes triggers on this test's topics."""

    async def make() -> Trigger:
        return await make_trigger(
            trigger_dsn, pool, campaigns_dir, kafka_bootstrap=kafka, topic_prefix=topic_prefix, poll_seconds=0.05
        )

    return make


@asynccontextmanager
async def running(*roles: Awaitable[None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """The roles at work, ended with the block; a role that fails fails the test."""
    tasks = [asyncio.ensure_future(role) for role in roles]
    try:
        yield tasks
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
