"""What became of old messages, and old replies, go; what closes an address stays."""

from datetime import timedelta

import pytest

from services.notifier.db import replies
from services.notifier.jobs import retention as retention_module
from services.notifier.jobs.retention import RetentionJob
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.test_erasure import request, told_to_stop


async def test_copies_of_what_was_sent_go_after_the_store_s_own_days(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention_module, "BATCH", 1)
    await world.knows()
    for _ in range(2):
        await world.asks()
        await world.deliver()
        await world.passes(timedelta(days=3))
    await world.pool.execute("UPDATE deliveries SET finished_at = $1 WHERE received_at < finished_at", world.now)
    count = "SELECT count(*) FROM deliveries WHERE content IS NOT NULL"
    job = RetentionJob(world.pool, world.stores, world.clock)
    world.now += timedelta(days=399)
    await job.round()
    assert await world.pool.fetchval(count) == 2, "unless it says so they stay as long as what became of them"
    world.shop["contents_days"] = 399.5
    await job.round()
    assert await world.pool.fetchval(count) == 2
    world.now += timedelta(days=1)
    await RetentionJob(world.pool, world.stores, world.clock).round()
    assert await world.pool.fetchval(count) == 0
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries WHERE state = 'sent'") == 2


async def test_messages_and_replies_go_when_their_time_is_over(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention_module, "BATCH", 1)
    await world.knows()
    for _ in range(3):
        await world.asks()
        await world.deliver()
    waiting = await world.asks()
    async with world.pool.acquire() as connection, connection.transaction():
        await replies.note(connection, "SM1", STORE, "help", "+4915112345678")
    await told_to_stop(world)
    await world.receive(request(world, "ben"))
    job = RetentionJob(world.pool, world.stores, world.clock)
    world.now += timedelta(days=89)
    await job.round()
    assert await world.pool.fetchval("SELECT count(*) FROM replies") == 1
    assert await world.pool.fetchval("SELECT count(*) FROM erased_customers") == 0
    world.now += timedelta(days=312)
    assert await job.round() == 4
    left = await world.pool.fetch("SELECT reminder_id FROM deliveries")
    assert [row["reminder_id"] for row in left] == [waiting.reminder_id], "what has not ended is not over"
    assert await world.pool.fetchval("SELECT count(*) FROM suppressions") == 2
