"""What became of old messages, and old replies, go; what closes an address stays."""

from datetime import timedelta

import pytest

from services.notifier.db import replies
from services.notifier.jobs import retention as retention_module
from services.notifier.jobs.retention import RetentionJob
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.test_erasure import request, told_to_stop


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
