"""A shop of two replicas on a database of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest

from libs.postgres.pool import Pool, open_pool
from services.cart.db import row_checks
from services.cart.main import MIGRATIONS
from tests.integration.cart.feeding import Feeding, feeding
from tests.integration.cart.shop import Shop


@pytest.fixture
def dsn(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    pool = await open_pool(dsn, size=12)
    yield pool
    pool.terminate()


@pytest.fixture
async def shop(pool: Pool) -> AsyncIterator[Shop]:
    shop = Shop.open(pool)
    yield shop
    await shop.close()
    if pool.is_closing():
        return  # a test has taken the database away
    async with pool.acquire() as connection:  # what no constraint holds any more, each test of the service does
        assert await row_checks.carts(connection, UUID(int=0), None) == []
        assert await row_checks.keys(connection) == []


@pytest.fixture
async def feed(kafka: str, topic_prefix: str) -> AsyncIterator[Feeding]:
    async with feeding(kafka, topic_prefix) as feeding_it:
        yield feeding_it
