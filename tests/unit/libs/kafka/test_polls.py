"""Polls grow long when nothing comes, and are short again once something does."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest

from libs.kafka.polls import CONNECTION, LONG_MS, QUIET_S, SHORT_MS, Polls


def answer(records=b"", error=0):
    return SimpleNamespace(topics=[("carts", [(0, error, 5, 5, 0, None, records)])])


class Connection:
    """One of the client's, with the answer that is waited for on it."""

    def __init__(self):
        self.answer = asyncio.get_running_loop().create_future()

    def close(self):
        if not self.answer.done():
            self.answer.set_exception(KafkaConnectionError())


class Client:
    """aiokafka's, as far as polls see it: notes what is sent."""

    def __init__(self):
        self.sent, self._conns = [], {}
        self.under_way: asyncio.Queue[object] = asyncio.Queue()

    async def send(self, node_id, request, *, group=ConnectionGroup.DEFAULT):
        self.sent.append((node_id, group, getattr(request, "_max_wait_ms", None)))
        self._conns[node_id, group] = connection = Connection()
        self.under_way.put_nowait(node_id)
        return await connection.answer


class Consumer:
    """Polls of a consumer, by a clock that the test turns."""

    def __init__(self):
        self.client, self.now = Client(), 0.0
        Polls(self.client, lambda: self.now)

    async def begin(self, node_id=1, request=None):
        """A poll that waits, or another request."""
        task = asyncio.create_task(self.client.send(node_id, request or FetchRequest(SHORT_MS, 1, 1, 0, [])))
        assert await self.client.under_way.get() == node_id
        return task

    def end(self, what, node_id=1):
        """The broker's answer."""
        self.client._conns[node_id, CONNECTION].answer.set_result(what)

    async def poll(self, what):
        """How long a poll was ready to wait that was answered so."""
        task = await self.begin()
        self.end(what)
        assert await task is what
        return self.client.sent[-1][2]


async def test_polls_grow_long_when_nothing_comes_and_short_when_something_does():
    consumer = Consumer()
    assert await consumer.poll(answer()) == SHORT_MS
    consumer.now = QUIET_S
    assert await consumer.poll(answer()) == LONG_MS
    assert await consumer.poll(answer(b"records")) == LONG_MS
    assert await consumer.poll(answer()) == SHORT_MS
    consumer.now += QUIET_S
    assert await consumer.poll(answer()) == LONG_MS


async def test_a_partition_in_trouble_makes_polls_short():
    consumer = Consumer()
    consumer.now = QUIET_S
    await consumer.poll(answer(error=6))
    assert await consumer.poll(answer()) == SHORT_MS


async def test_other_partitions_wait_for_no_old_poll():
    consumer = Consumer()
    consumer.now = QUIET_S
    polling = await consumer.begin()
    old = consumer.client._conns[1, CONNECTION]
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    assert polling.cancelled()
    assert old.answer.done()
    assert await consumer.poll(answer()) == SHORT_MS


@pytest.mark.parametrize("trouble", [KafkaConnectionError(), None])
async def test_a_broker_in_trouble_ends_the_long_polls_of_others(trouble):
    consumer = Consumer()
    consumer.now = QUIET_S
    polling, other = await consumer.begin(1), await consumer.begin(2)
    if trouble:
        consumer.client._conns[1, CONNECTION].answer.set_exception(trouble)
        with pytest.raises(KafkaConnectionError):
            await polling
    else:
        consumer.end(answer(error=6))
        await polling
    assert not (await other).topics
    assert await consumer.poll(answer()) == SHORT_MS


async def test_what_else_is_asked_goes_beside_the_polls():
    consumer = Consumer()
    polling = await consumer.begin()
    asking = await consumer.begin(request=MetadataRequest([]))
    assert [group for _, group, _ in consumer.client.sent] == [CONNECTION, ConnectionGroup.DEFAULT]
    for task in (polling, asking):
        task.cancel()
    await asyncio.gather(polling, asking, return_exceptions=True)


async def test_the_client_is_as_polls_take_it_to_be():
    client = AIOKafkaClient()
    assert client._conns == {}
    assert CONNECTION not in list(ConnectionGroup)
    assert FetchRequest(SHORT_MS, 1, 1, 0, [])._max_wait_ms == SHORT_MS
