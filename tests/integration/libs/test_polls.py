"""Long polls on a real Kafka: a record ends them, and nothing else waits for them."""

import asyncio

import pytest
from aiokafka.protocol.fetch import FetchRequest

from libs.inbox.consumer import Inbox
from libs.kafka import polls
from tests.integration.libs.conftest import level
from tests.integration.libs.test_inbox import TOPIC, Collector, all_done, running
from tests.support.eventually import eventually

LONG_MS = 9_000


@pytest.fixture
def asked(monkeypatch):
    """What polls have asked for, in ms; each but the very first of a consumer is long."""
    asked, build = list[int](), FetchRequest.build

    def note(request, kind):
        asked.append(request._max_wait_ms)
        return build(request, kind)

    monkeypatch.setattr(FetchRequest, "build", note)
    monkeypatch.setattr(polls, "QUIET_S", 0.0)
    monkeypatch.setattr(polls, "LONG_MS", LONG_MS)
    return asked


async def test_a_record_ends_a_long_poll(kafka, topic_prefix, put, asked):
    handler = Collector()
    inbox = Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix)
    async with running(inbox):
        await eventually(lambda: all_done(inbox))
        await eventually(lambda: LONG_MS in asked)
        before = len(asked)
        await put(level(1))
        await handler.until(1)
        assert asked[before - 1 : before + 1] == [LONG_MS, LONG_MS]


async def test_where_partitions_end_is_told_while_a_poll_waits(kafka, topic_prefix, asked):
    inbox = Inbox(kafka, "g", [TOPIC], Collector(), topic_prefix=topic_prefix)
    async with running(inbox):
        await eventually(lambda: all_done(inbox))
        await eventually(lambda: asked[-1:] == [LONG_MS])
        before = len(asked)
        for _ in range(20):
            assert await all_done(inbox)
        assert len(asked) <= before + 1


async def test_partitions_that_are_given_wait_for_no_long_poll(kafka, topic_prefix, put, asked):
    first, second = Collector(), Collector()
    stays = Inbox(kafka, "g", [TOPIC], first, topic_prefix=topic_prefix)
    async with running(stays):
        async with running(Inbox(kafka, "g", [TOPIC], second, topic_prefix=topic_prefix)) as leaves:
            await eventually(lambda: all_done(stays))
            await eventually(lambda: asked[-2:] == [LONG_MS, LONG_MS])
            leaves.cancel()
            await asyncio.gather(leaves, return_exceptions=True)
        await put(*(level(number, sku=f"mug-{number}") for number in range(1, 21)))
        await first.until(*range(1, 21))
