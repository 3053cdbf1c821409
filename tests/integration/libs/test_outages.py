"""What loses its session, because PostgreSQL restarts, carries on by itself."""

import asyncio

import pytest

from libs.outbox.waker import Waker
from libs.postgres.pool import open_pool
from tests.support.eventually import eventually

KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def pool(outbox_dsn):
    pool = await open_pool(outbox_dsn, size=2)
    yield pool
    pool.terminate()


async def test_the_waker_outlives_its_sessions(pool, connection):
    heard = asyncio.Event()
    waker = Waker(pool)
    running = asyncio.create_task(waker.run())
    for _ in range(20):
        waker.touch()
        await connection.execute(KILL)
    await connection.add_listener("outbox", lambda *_: heard.set())

    def woken() -> bool:
        waker.touch()
        return heard.is_set()

    await eventually(woken)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
