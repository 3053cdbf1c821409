"""The whole service on a real broker: a request comes in by Kafka, an e-mail goes out, an event tells of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from libs.contracts.codec import encode
from libs.contracts.events import Event
from libs.runtime.ending import Ending
from services.notifier.handlers.source import SOURCE
from services.notifier.main import serve_roles
from tests.integration.notifier.conftest import World, described, erased, profile, reminder
from tests.support.serving import free_port

ROLES = ("consumer", "delivery", "relay")


@asynccontextmanager
async def running(world: World, kafka: str, prefix: str, contact_grace_s: int = 60) -> AsyncIterator[None]:
    world.extra |= {"kafka_bootstrap": kafka, "topic_prefix": prefix, "contact_grace_seconds": contact_grace_s}
    task = asyncio.create_task(serve_roles(world.settings, ROLES, Ending()))
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Bus:
    """Both ends of the topics, for one test."""

    def __init__(self, kafka: str, prefix: str) -> None:
        self._prefix = prefix
        self._producer = AIOKafkaProducer(bootstrap_servers=kafka)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")

    async def __aenter__(self) -> "Bus":
        await self._producer.start()
        await self._consumer.start()
        self._consumer.subscribe([self._prefix + t for t in ("message.events", "reminder.requests.dlq")])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()
        await self._consumer.stop()

    async def publish(self, *events: Event) -> None:
        for event in events:
            record = encode(event, "/test")
            headers = [(k, v.encode()) for k, v in record.headers.items()]
            await self._producer.send_and_wait(
                self._prefix + record.topic, record.value, key=record.key.encode(), headers=headers
            )

    async def raw(self, topic: str, key: bytes, value: bytes) -> None:
        await self._producer.send_and_wait(
            self._prefix + topic, value, key=key, headers=[("ce_type", b"reminder.requested")]
        )

    async def next(self) -> tuple[str, dict[str, str], dict[str, Any]]:
        record = await self._consumer.getone()
        headers = {k: v.decode() for k, v in record.headers}
        value = json.loads(record.value) if headers.get("ce_source") == SOURCE else {}
        return record.topic.removeprefix(self._prefix), headers, value


async def test_a_request_on_kafka_becomes_an_e_mail_and_an_event(world: World, kafka, topic_prefix):
    request = reminder(world.now)
    world.carts.holds(request.cart_id)
    async with Bus(kafka, topic_prefix) as bus, running(world, kafka, topic_prefix):
        await bus.publish(described(), profile(), request, request)
        topic, headers, value = await bus.next()
    assert (topic, headers["ce_type"]) == ("message.events", "message.sent")
    assert value["reminder_id"] == str(request.reminder_id)
    assert "email" not in value.get("reason", "")
    assert [m["Message-ID"] for m in world.relay.messages] == [f"<{request.reminder_id}@nordwind.example>"]


async def test_a_poison_record_is_put_aside_and_the_partition_moves_on(world: World, kafka, topic_prefix):
    request = reminder(world.now)
    world.carts.holds(request.cart_id)
    async with Bus(kafka, topic_prefix) as bus, running(world, kafka, topic_prefix):
        await bus.publish(described(), profile())
        await bus.raw("reminder.requests", b"anna", b"{ not json")
        await bus.raw("reminder.requests", b"anna", b'{"reminder_id": 1}')
        # well-formed on the wire, but nothing that the database can hold
        await bus.publish(reminder(world.now, campaign="nul \x00 byte"), request)
        seen = [await bus.next() for _ in range(4)]
    topics = sorted(topic for topic, _, _ in seen)
    assert topics == ["message.events"] + ["reminder.requests.dlq"] * 3
    (told,) = [value for topic, _, value in seen if topic == "message.events"]
    assert told["reminder_id"] == str(request.reminder_id)
    assert len(world.relay.messages) == 1


async def test_an_erasure_on_kafka_cancels_what_waits(world: World, kafka, topic_prefix):
    request = reminder(world.now)
    world.carts.holds(request.cart_id)
    world.carts.down = True
    # topics are read in any order: a request that comes after the erasure waits for a contact as long as it may
    async with Bus(kafka, topic_prefix) as bus, running(world, kafka, topic_prefix, contact_grace_s=3):
        await bus.publish(described(), profile(), request, erased())
        _, headers, value = await bus.next()
    assert headers["ce_type"] == "message.cancelled"
    assert value["reminder_id"] == str(request.reminder_id)
    assert await world.pool.fetchval("SELECT count(*) FROM contacts") == 0
    assert world.relay.messages == []


async def test_the_web_role_says_that_it_is_ready(world: World, kafka, topic_prefix):
    port = free_port()
    world.extra |= {"kafka_bootstrap": kafka, "topic_prefix": topic_prefix, "port": port}
    task = asyncio.create_task(serve_roles(world.settings, ("web",), Ending()))
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=20), timeout=60) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
        metrics = await client.get(f"http://127.0.0.1:{port}/metrics")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert answer.json() == {"status": "ready", "failing": []}
    assert "evercart_notifier_deliveries_total" in metrics.text
