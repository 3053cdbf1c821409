"""A crowd of carts is what the API would have made, for other customers."""

from uuid import UUID

import pytest

from deploy.bench.http_load import copy_cart
from libs.postgres.pool import open_pool
from services.cart.db import row_checks
from services.cart.main import MIGRATIONS
from tests.integration.cart.shop import LINE, Shop


@pytest.fixture
def dsn(make_database):
    return make_database(MIGRATIONS)


@pytest.fixture
async def pool(dsn):
    pool = await open_pool(dsn, size=2)
    yield pool
    pool.terminate()


async def test_a_crowd_has_the_lines_of_the_one_that_was_made(dsn, pool):
    shop = Shop.open(pool)
    anna = shop.customer("anna")
    await anna.ask("POST", "/cart/lines", LINE | {"quantity": 3})
    await copy_cart(dsn, "anna", 40)
    shown = (await shop.customer("crowd-40").ask("GET", "/cart")).json()
    own = (await anna.ask("GET", "/cart")).json()
    await shop.close()
    async with pool.acquire() as connection:
        assert await row_checks.carts(connection, UUID(int=0), None) == []
        assert await connection.fetchval("SELECT count(*) FROM carts") == 41
        assert await connection.fetchval("SELECT count(DISTINCT customer_id) FROM carts") == 41
    assert shown["lines"] == own["lines"]
    assert shown["id"] != own["id"]
