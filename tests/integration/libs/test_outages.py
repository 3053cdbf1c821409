"""What loses its session, because PostgreSQL restarts, carries on by itself."""

import asyncio

import pytest

from libs.outbox.waker import Waker
from libs.postgres.pool import open_pool

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
    async with asyncio.timeout(30):
        while not heard.is_set():
            waker.touch()
            await asyncio.sleep(0.02)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
