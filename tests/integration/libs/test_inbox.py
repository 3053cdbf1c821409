"""The inbox on a real Kafka: nothing lost, poison aside, the partition moves on."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import pytest
from aiokafka.errors import KafkaConnectionError

from libs.contracts.codec import encode
from libs.inbox import consumer as consumer_module
from libs.inbox import dead_letters
from libs.inbox.consumer import Inbox
from libs.inbox.dead_letters import PoisonFloodError
from tests.integration.libs.conftest import level
from tests.support.eventually import eventually

TOPIC = "inventory.levels"


class Collector:
    """A handler that remembers, and fails where it is told to."""

    def __init__(self, fails=lambda _: None):
        self.seen, self.fails, self.changed = [], fails, asyncio.Condition()

    async def __call__(self, batch):
        for one in batch:
            if error := self.fails(one.event):
                raise error
        self.seen.extend(r.event.available for r in batch)
        async with self.changed:
            self.changed.notify_all()

    async def until(self, *numbers):
        async with asyncio.timeout(40), self.changed:
            await self.changed.wait_for(lambda: set(numbers) <= set(self.seen))


@asynccontextmanager
async def running(inbox):
    task = asyncio.create_task(inbox.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def all_read(inbox):
    """Whether every partition has been read to its end."""
    return all((await inbox.read_to_end(TOPIC)).values())


async def all_done(inbox):
    """Whether the group has given every partition, and all of them have been read to their ends."""
    read = await inbox.read_to_end(TOPIC)
    return read and all(read.values())


async def test_events_are_handled_and_not_handled_again_after_a_restart(kafka, topic_prefix, put):
    await put(level(1), level(2))
    first = Collector()
    inbox = Inbox(kafka, "g", [TOPIC], first, topic_prefix=topic_prefix)
    async with running(inbox):
        await first.until(1, 2)
        await eventually(lambda: all_read(inbox))
        await inbox.check()
    await put(level(3))
    second = Collector()
    async with running(Inbox(kafka, "g", [TOPIC], second, topic_prefix=topic_prefix)):
        await second.until(3)
    assert first.seen == [1, 2]
    assert second.seen == [3]


async def test_a_batch_has_as_many_records_as_its_consumer_takes(kafka, topic_prefix, put):
    await put(*map(level, range(1, 26)))
    handler, sizes = Collector(), list[int]()

    async def counting(batch):
        sizes.append(len(batch))
        await handler(batch)

    async with running(Inbox(kafka, "g", [TOPIC], counting, topic_prefix=topic_prefix, most=7)):
        await handler.until(*range(1, 26))
    assert max(sizes) <= 7


async def test_a_crash_before_the_commit_delivers_again(kafka, topic_prefix, put):
    await put(level(1))
    reached = asyncio.Event()

    async def dies(_):
        reached.set()
        await asyncio.Event().wait()

    async with running(Inbox(kafka, "g", [TOPIC], dies, topic_prefix=topic_prefix)):
        async with asyncio.timeout(30):
            await reached.wait()
    after = Collector()
    async with running(Inbox(kafka, "g", [TOPIC], after, topic_prefix=topic_prefix)):
        await after.until(1)


async def test_poison_goes_to_the_dead_letters_and_the_partition_moves_on(kafka, topic_prefix, put, read_all):
    good = encode(level(7), "/test")
    bad_headers = [(k, v.encode()) for k, v in good.headers.items()]
    await put(
        (b"s:mug", b"{not json", bad_headers),
        (b"s:mug", b"\xff\xfe", bad_headers),
        (b"s:mug", None, bad_headers),
        (b"s:mug", good.value, []),
        (b"s:mug", good.value, [("ce_type", None)]),
        (b"s:mug", b'{"available": -1}', bad_headers),
        (b"s:mug", b"{}", [("ce_type", b"from.the_future")]),
        level(9),
    )
    handler = Collector()
    async with running(Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix)):
        await handler.until(9)
    dead = await read_all(f"{TOPIC}.dlq")
    assert handler.seen == [9]
    assert len(dead) == 6
    origin = dict(dead[0].headers)
    assert origin["dlq_topic"] == (topic_prefix + TOPIC).encode()
    assert origin["dlq_offset"].isdigit()
    assert b"JSON" in origin["dlq_error"]


async def test_a_record_that_only_fails_in_the_handler_is_buried_alone(kafka, topic_prefix, put, read_all):
    await put(level(1), level(2), level(3))
    handler = Collector(lambda e: ValueError("no") if e.available == 2 else None)
    async with running(Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix)):
        await handler.until(1, 3)
        dead = await eventually(lambda: read_all(f"{TOPIC}.dlq"))
    assert sorted(set(handler.seen)) == [1, 3]
    assert len(dead) == 1
    assert b"ValueError" in dict(dead[0].headers)["dlq_error"]


async def test_an_outage_of_the_database_is_waited_out_on_the_spot(kafka, topic_prefix, put, read_all, monkeypatch):
    monkeypatch.setattr(consumer_module, "PAUSES_S", (0.01,))
    down = iter([OSError("down")] * 5)
    handler = Collector(lambda _: next(down, None))
    await put(level(1))
    async with running(Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix)):
        await handler.until(1)
    assert handler.seen == [1]
    assert await read_all(f"{TOPIC}.dlq") == []


async def test_when_everything_is_poison_the_consumer_stops_instead_of_draining_the_topic(
    kafka, topic_prefix, put, monkeypatch, read_all
):
    monkeypatch.setattr(dead_letters, "STREAK", 3)
    await put(*[(b"s:mug", b"junk", [("ce_type", b"inventory.level_set")])] * 10)
    inbox = Inbox(kafka, "g", [TOPIC], Collector(), topic_prefix=topic_prefix)
    with pytest.raises(PoisonFloodError):
        async with asyncio.timeout(30):
            await inbox.run()
    assert len(await read_all(f"{TOPIC}.dlq")) == 3


def offsets_of(dead):
    """Where the records stood that were buried."""
    return sorted((r["dlq_partition"], int(r["dlq_offset"])) for r in (dict(letter.headers) for letter in dead))


async def test_junk_alternating_with_good_records_stops_nobody_and_is_buried_once(
    kafka, topic_prefix, put, read_all, monkeypatch
):
    """A hundred of each in one batch crashed the consumer in a loop, which buried the same records again and again."""
    monkeypatch.setattr(dead_letters, "STREAK", 3)
    junk = (b"s:mug", b"junk", [("ce_type", b"inventory.level_set")])
    await put(*[thing for number in range(20) for thing in (junk, level(number))])
    handler = Collector()
    async with running(Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix)) as consuming:
        await handler.until(*range(20))
        dead = await eventually(lambda: twenty(read_all))
        assert not consuming.done()
    assert len(set(offsets_of(dead))) == len(dead) == 20
    assert handler.seen == list(range(20))


async def twenty(read_all):
    """The dead letters, once there are twenty."""
    return dead if len(dead := await read_all(f"{TOPIC}.dlq")) >= 20 else None


async def test_a_flood_is_gone_through_once_however_often_the_consumer_starts(
    kafka, topic_prefix, put, read_all, monkeypatch
):
    monkeypatch.setattr(dead_letters, "STREAK", 3)
    await put(level(1), *[(b"s:mug", b"junk", [("ce_type", b"inventory.level_set")])] * 8, level(2))
    seen = []
    for _ in range(2):
        handler = Collector()
        with pytest.raises(PoisonFloodError):
            async with asyncio.timeout(30):
                await Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix).run()
        seen.append(handler.seen)
    inbox = Inbox(kafka, "g", [TOPIC], Collector(), topic_prefix=topic_prefix)
    async with running(inbox):
        await eventually(partial(getattr, inbox.subscriber, "consumer"))
        await eventually(lambda: all_done(inbox))
    dead = await read_all(f"{TOPIC}.dlq")
    assert 1 in seen[0]
    assert 1 not in seen[1]
    assert len(set(offsets_of(dead))) == len(dead) == 8


async def test_what_was_buried_before_kafka_failed_is_not_buried_again(kafka, topic_prefix, put, read_all, monkeypatch):
    monkeypatch.setattr(consumer_module, "PAUSES_S", (0.01,))
    junk = (b"s:mug", b"junk", [("ce_type", b"inventory.level_set")])
    await put(junk, junk, junk, level(9))
    handler = Collector()
    inbox = Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix)
    publish, down = inbox._dead.publish, iter([None, None, KafkaConnectionError(), KafkaConnectionError()])

    async def flaky(record, error, *, expected=False):
        if fault := next(down, None):
            raise fault
        await publish(record, error, expected=expected)

    monkeypatch.setattr(inbox._dead, "publish", flaky)
    async with running(inbox):
        await handler.until(9)
        await eventually(lambda: all_read(inbox))
    dead = await read_all(f"{TOPIC}.dlq")
    assert len(set(offsets_of(dead))) == len(dead) == 3


async def test_two_consumers_share_the_partitions_and_lose_nothing_when_one_leaves(kafka, topic_prefix, put):
    one, two = Collector(), Collector()
    async with running(Inbox(kafka, "g", [TOPIC], one, topic_prefix=topic_prefix)):
        await put(*[level(n, f"sku{n}") for n in range(20)])
        await one.until(*range(20))
        async with running(Inbox(kafka, "g", [TOPIC], two, topic_prefix=topic_prefix)):
            await put(*[level(n, f"sku{n}") for n in range(20, 60)])
            await eventually(lambda: set(one.seen) | set(two.seen) == set(range(60)))
        await put(*[level(n, f"sku{n}") for n in range(60, 80)])
        await eventually(lambda: set(one.seen) | set(two.seen) == set(range(80)))


async def test_a_consumer_that_is_stopped_while_it_starts_leaves_the_group(kafka, topic_prefix, put):
    await put(level(1))
    for _ in range(3):
        leaving = Inbox(kafka, "g", [TOPIC], Collector(), topic_prefix=topic_prefix)
        async with running(leaving):
            await eventually(partial(getattr, leaving.subscriber, "consumer"))
    handler = Collector()
    async with running(Inbox(kafka, "g", [TOPIC], handler, topic_prefix=topic_prefix)):
        await handler.until(1)
