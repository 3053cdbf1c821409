"""Every replica learns of a store that was made, changed or closed on another."""

import asyncio

import asyncpg
import pytest

from libs.postgres.pool import Pool
from services.cart.db import stores as table
from services.cart.main import store_refresh
from services.cart.stores import refresh
from services.cart.stores.table import StoreTable
from tests.integration.cart.shop import (
    Shop,
    done,
    refused,
    settings,
)
from tests.integration.cart.stores.making import NEW, SEAL, SECRETS, SERVER_KEY, learn, made, ops, shop
from tests.support.eventually import eventually

__all__ = ["shop"]


async def test_other_replicas_know_within_seconds(shop: Shop):
    await made(shop)
    there = shop.server(SERVER_KEY, "new", replica=1)
    refused(await there.ask("GET", ""), 404, "unknown-store")
    assert refresh.INTERVAL_S < 5
    refreshing = store_refresh(settings(), shop.pool, shop.books[1])
    refreshing._interval_s = 0.01
    running = asyncio.create_task(refreshing.run())
    known = await eventually(lambda: shop.books[1].get("new"))
    done(await there.ask("GET", ""))
    done(await ops(shop).ask("PUT", "", NEW | {"name": "Renamed"}))
    await eventually(lambda: shop.books[1].get("new") is not known)
    assert done(await there.ask("GET", ""))["settings"]["name"] == "Renamed"
    done(await ops(shop).ask("DELETE", ""), 204)
    await eventually(lambda: shop.books[1].get("new") is None)
    refused(await there.ask("GET", ""), 404, "unknown-store")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "settings", ['{"name": "Later", "from_a_later_release": 1}', '{"a":' * 500 + "1" + "}" * 500], ids=["later", "deep"]
)
async def test_a_row_that_this_release_cannot_read_leaves_the_last_good_one_in_force(
    shop: Shop, pool: Pool, settings: str
):
    await made(shop)
    version = await pool.fetchval("UPDATE stores SET version = nextval('store_versions') RETURNING version")
    await pool.execute("UPDATE stores SET settings = $1", settings)
    await StoreTable(pool, shop.books[0], SEAL).refresh()
    entry = shop.books[0].get("new")
    assert entry is not None
    assert (entry.store.name, shop.books[0].versions["new"]) == ("New", version)


async def test_writers_wait_for_each_other_so_that_no_replica_misses_a_version(shop: Shop, pool: Pool):
    async with pool.acquire() as first, pool.acquire() as second:
        begun = first.transaction()
        await begun.start()
        await table.lock_table(first)
        await table.write(first, "one", "{}", b"sealed", shop.clock.now)
        async with second.transaction():
            await second.execute("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await table.lock_table(second)
        await begun.rollback()
    answers = await asyncio.gather(*(ops(shop, f"s{n}", n % 2).ask("PUT", "", NEW | SECRETS) for n in range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    for replica in (0, 1):
        await learn(shop, replica)
        assert {f"s{n}" for n in range(6)} <= set(shop.books[replica].ids())
