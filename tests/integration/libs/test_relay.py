"""The relay on a real PostgreSQL and a real Kafka."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from libs.contracts.events import ProfileErased
from libs.kafka.clients import producer
from libs.outbox import relay as relay_module
from libs.outbox.relay import Relay
from libs.outbox.store import append
from libs.outbox.waker import Waker
from libs.postgres.pool import open_pool
from libs.runtime.clock import utc_now
from libs.runtime.ids import uuid7
from tests.integration.libs.conftest import level
from tests.support.eventually import eventually

SOURCE = "/evercart/test"


@asynccontextmanager
async def running(*relays):
    tasks = [asyncio.create_task(r.run()) for r in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def emptied(connection):
    await eventually(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"))


async def test_committed_events_arrive_in_order_with_their_headers_and_leave_the_outbox(
    outbox_dsn, connection, kafka, topic_prefix, read_all
):
    await append(connection, [level(n) for n in range(50)], SOURCE)
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.1)):
        await emptied(connection)
    records = await read_all("inventory.levels")
    assert [json.loads(r.value)["available"] for r in records] == list(range(50))
    headers = dict(records[0].headers)
    assert headers["ce_type"] == b"inventory.level_set"
    assert headers["ce_specversion"] == b"1.0"
    assert records[0].key == b"s:mug"


async def test_what_is_told_occurred_when_the_database_says_so(outbox_dsn, connection, kafka, topic_prefix, read_all):
    """Story: an API host two hours slow dated what it told, and reminders went out at once."""
    before = await connection.fetchval("SELECT clock_timestamp()")
    slow, late = level(1), level(2).model_copy(update={"occurred_at": before + timedelta(hours=2)})
    slow = slow.model_copy(update={"occurred_at": before - timedelta(hours=2)})
    await append(connection, [slow, late], SOURCE)
    after = await connection.fetchval("SELECT clock_timestamp()")
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.1)):
        await emptied(connection)
    first, second = [_times(record) for record in await read_all("inventory.levels")]
    assert before <= first[0] == first[1] <= after
    assert second == (late.occurred_at,) * 2, "not before the row says that it was changed"


async def test_recorded_traffic_occurred_when_its_callers_say_so(outbox_dsn, connection, kafka, topic_prefix, read_all):
    dated = level(1).model_copy(update={"occurred_at": datetime(2024, 2, 29, tzinfo=UTC)})
    await append(connection, [dated], SOURCE)
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, recorded=True, poll_s=0.1)):
        await emptied(connection)
    (record,) = await read_all("inventory.levels")
    assert _times(record) == (dated.occurred_at,) * 2


def _times(record) -> tuple[datetime, datetime]:
    """What header and data say."""
    header, data = dict(record.headers)["ce_time"].decode(), json.loads(record.value)["occurred_at"]
    return datetime.fromisoformat(header), datetime.fromisoformat(data)


async def test_an_erasure_is_a_tombstone(outbox_dsn, connection, kafka, topic_prefix, read_all):
    erased = ProfileErased(event_id=uuid7(), occurred_at=utc_now(), store_id="s", customer_id="c")
    await append(connection, [erased], SOURCE)
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.1)):
        await emptied(connection)
    (record,) = await read_all("customer.profiles")
    assert (record.key, record.value) == (b"s:c", None)


async def test_what_was_rolled_back_is_never_published(outbox_dsn, connection, kafka, topic_prefix, read_all):
    transaction = connection.transaction()
    await transaction.start()
    await append(connection, [level(1)], SOURCE)
    await transaction.rollback()
    await append(connection, [level(2)], SOURCE)
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.1)):
        await emptied(connection)
    assert [json.loads(r.value)["available"] for r in await read_all("inventory.levels")] == [2]


async def test_a_row_of_an_open_transaction_is_neither_skipped_nor_deleted(
    outbox_dsn, connection, kafka, topic_prefix, read_all
):
    slow = await asyncpg.connect(outbox_dsn)
    transaction = slow.transaction()
    await transaction.start()
    await append(slow, [level(1, "early")], SOURCE)
    await append(connection, [level(2, "late")], SOURCE)
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05)):
        await transaction.commit()
        await emptied(connection)
    await slow.close()
    assert sorted(r.key for r in await read_all("inventory.levels")) == [b"s:early", b"s:late"]


async def test_a_crash_between_acknowledgement_and_delete_repeats_the_batch_and_loses_nothing(
    outbox_dsn, connection, kafka, topic_prefix, read_all, monkeypatch
):
    await append(connection, [level(n) for n in range(10)], SOURCE)
    monkeypatch.setattr(relay_module, "DELETE", "SELECT 1/0, $1::bigint[]")
    sender = producer(kafka)
    await sender.start()
    dying = Relay(outbox_dsn, kafka, topic_prefix=topic_prefix)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await dying.publish(connection, sender)
    await sender.stop()
    monkeypatch.undo()
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.1)):
        await emptied(connection)
    seen = [json.loads(r.value)["available"] for r in await read_all("inventory.levels")]
    assert seen == [*range(10), *range(10)]


async def test_more_than_a_batch_of_kafkas_holds_keeps_the_order_of_a_key(
    outbox_dsn, connection, kafka, topic_prefix, read_all
):
    """A key with much to say fills several batches within a round, and says it in several rounds."""
    sku = "s" * 60
    many = relay_module.BATCH + 200
    await append(connection, [level(n, sku) for n in range(many)], SOURCE)
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.1)):
        await emptied(connection)
    assert [json.loads(r.value)["available"] for r in await read_all("inventory.levels")] == list(range(many))


async def published(relay, connection, kafka):
    """One round with rows in it: a transaction of a neighbour on the same server may hold them back for a moment."""
    await eventually(lambda: relay.publish(connection, kafka))


async def refuses(relay):
    """Whether the relay says that it is not ready."""
    with suppress(RuntimeError):
        await relay.check()
        return False
    return True


async def test_when_kafka_refuses_nothing_leaves_the_outbox(outbox_dsn, connection, kafka, topic_prefix, monkeypatch):
    await append(connection, [level(n) for n in range(3)], SOURCE)

    async def refused(*_, **__):
        future = asyncio.get_running_loop().create_future()
        future.set_exception(KafkaConnectionError())
        return future

    refusing = producer(kafka)
    await refusing.start()
    monkeypatch.setattr(refusing, "send_batch", refused)
    relay = Relay(outbox_dsn, kafka, topic_prefix=topic_prefix)
    with pytest.raises(KafkaConnectionError):
        await published(relay, connection, refusing)
    await refusing.stop()
    assert await connection.fetchval("SELECT count(*) FROM outbox") == 3


async def test_a_second_relay_stands_by_and_takes_over(outbox_dsn, connection, kafka, topic_prefix, read_all):
    first = Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05)
    second = Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05)
    leading = asyncio.create_task(first.run())
    await eventually(lambda: first.leading)
    async with running(second):
        await append(connection, [level(1)], SOURCE)
        await emptied(connection)
        assert (first.leading, second.leading) == (True, False)
        leading.cancel()
        with suppress(asyncio.CancelledError):
            await leading
        await append(connection, [level(2)], SOURCE)
        await emptied(connection)
        assert second.leading
    assert [json.loads(r.value)["available"] for r in await read_all("inventory.levels")] == [1, 2]


async def test_a_relay_that_cannot_reach_kafka_says_that_it_is_not_ready_and_recovers(
    outbox_dsn, connection, kafka, topic_prefix, monkeypatch
):
    relay = Relay(outbox_dsn, "127.0.0.1:1", topic_prefix=topic_prefix, poll_s=0.05)
    async with running(relay):
        await eventually(lambda: refuses(relay))
        monkeypatch.setattr(relay, "_bootstrap", kafka)
        await append(connection, [level(1)], SOURCE)
        await emptied(connection)
        await relay.check()


async def test_one_wake_up_serves_many_commits(outbox_dsn, connection):
    heard = []
    await connection.add_listener("outbox", lambda *_: heard.append(1))
    pool = await open_pool(outbox_dsn, size=2)
    waker = Waker(pool)
    task = asyncio.create_task(waker.run())
    for _ in range(200):
        waker.touch()
    await eventually(lambda: heard)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await pool.close()
    assert len(heard) == 1
