"""Connections pass from hand to hand, and never one that is not fit for it."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from libs.postgres import lending
from libs.postgres.errors import OUTAGES
from libs.postgres.pool import Pool, open_pool
from tests.support.eventually import eventually

WHO = "SELECT pg_backend_pid()"
PATIENCE_S = 60


@pytest.fixture
async def pool(postgres_server: str) -> AsyncIterator[Pool]:
    pool = await open_pool(postgres_server, size=2, name="lending")
    yield pool
    pool.terminate()


async def used(pool: Pool) -> int:
    """Which backend answered."""
    async with pool.acquire(timeout=PATIENCE_S) as connection:
        return int(await connection.fetchval(WHO))


async def test_a_connection_goes_to_whoever_asks_next(pool: Pool) -> None:
    first = await used(pool)
    assert [await used(pool) for _ in range(5)] == [first] * 5


async def test_everybody_gets_a_turn_however_many_wait(pool: Pool) -> None:
    backends = await asyncio.gather(*(used(pool) for _ in range(100)))
    assert 1 <= len(set(backends)) <= 2


async def test_who_awaits_a_connection_gets_one_that_is_at_hand(pool: Pool) -> None:
    await asyncio.gather(used(pool), used(pool))
    held = [await pool.acquire(timeout=PATIENCE_S) for _ in range(2)]
    waiting = asyncio.create_task(used(pool))
    for connection in held:
        await pool.release(connection)
    assert await waiting


async def test_a_connection_is_given_only_once(pool: Pool) -> None:
    await used(pool)
    async with pool.acquire(timeout=PATIENCE_S) as one, pool.acquire(timeout=PATIENCE_S) as two:
        assert await one.fetchval(WHO) != await two.fetchval(WHO)


async def test_nobody_inherits_a_statement_that_was_given_up(pool: Pool) -> None:
    async def sleepy() -> None:
        async with pool.acquire(timeout=PATIENCE_S) as connection:
            started.set()
            await connection.execute("SELECT pg_sleep(60)")

    started = asyncio.Event()
    given_up = asyncio.create_task(sleepy())
    await started.wait()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    async with asyncio.timeout(PATIENCE_S):
        assert await asyncio.gather(*(used(pool) for _ in range(10)))


async def test_nobody_inherits_an_open_transaction(pool: Pool) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # asyncpg tells of it there
    async with pool.acquire(timeout=PATIENCE_S) as connection:
        await connection.execute("BEGIN")
    async with pool.acquire(timeout=PATIENCE_S) as connection:
        assert not connection.is_in_transaction()


async def test_a_connection_that_died_at_hand_is_replaced(pool: Pool, postgres_server: str) -> None:
    dead = await used(pool)
    aside = await asyncpg.connect(postgres_server)
    await aside.execute("SELECT pg_terminate_backend($1, 10000)", dead)
    await aside.close()

    async def another() -> bool:
        return await used(pool) != dead

    await eventually(another, despite=OUTAGES)  # the news of its end may still be on its way


async def test_asyncpg_gets_idle_connections_back(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "GIVE_BACK_S", 0.0)
    await used(pool)
    assert pool.get_idle_size() == 0
    await eventually(lambda: pool.get_idle_size() == 1)


async def test_a_pool_closes_with_connections_at_hand(pool: Pool) -> None:
    await asyncio.gather(used(pool), used(pool))
    async with asyncio.timeout(PATIENCE_S):
        await pool.close()
    with pytest.raises(asyncpg.InterfaceError):
        await used(pool)


async def test_a_terminated_pool_lends_nothing(pool: Pool) -> None:
    await used(pool)
    pool.terminate()
    with pytest.raises(asyncpg.InterfaceError):
        await used(pool)
