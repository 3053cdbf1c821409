"""Carts that nobody touches any more: closed in batches that wait for nobody, and removed much later."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from libs.contracts.events import CartExpired
from libs.postgres.pool import Pool
from services.cart.db import expired_carts as store
from services.cart.domain.retention import Lifetime
from services.cart.jobs import expire_carts as walking
from services.cart.jobs.expire_carts import CartExpiry
from services.cart.jobs.wiring import cart_expiry
from services.cart.main import authenticators
from tests.integration.cart.shop import Shop, done, held, settings


def walk(shop: Shop, pool: Pool) -> CartExpiry:
    return CartExpiry(pool, shop.clock, lambda: {"shop": Lifetime(), "other": Lifetime(guest=timedelta(days=2))})


async def test_carts_end_after_their_stores_time(shop: Shop, pool: Pool):
    anna, guest, elsewhere = shop.customer(), await shop.guest(), await shop.guest(store="other")
    await anna.add("tea")
    theirs = await guest.add("tea")
    await elsewhere.add("tea")
    emptied = await shop.guest()
    await emptied.add("tea")
    done(await emptied.ask("DELETE", "/cart/lines"))
    house, closed = walk(shop, pool), []
    for days in (0.9, 0.2, 1, 27.8, 0.2, 59, 1):
        shop.clock.forward(timedelta(days=days))
        closed.append(await house.round())
    assert closed == [0, 1, 1, 0, 1, 0, 1]
    expired = [event for event in await shop.events() if isinstance(event, CartExpired)]
    assert len(expired) == 4
    assert all(event.holds == {} for event in expired)
    assert (await guest.cart())["id"] is None
    late = await shop.elsewhere(guest).add("jam")
    assert (late["id"] != theirs["id"], held(late)) == (True, {"jam": 1})


async def test_a_cart_that_somebody_holds_is_passed_over_and_nobody_waits(shop: Shop, pool: Pool):
    cart = await shop.customer("anna").add("tea")
    await shop.customer("ben").add("tea")
    shop.clock.forward(timedelta(days=91))
    house = walk(shop, pool)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM carts WHERE cart_id = $1 FOR UPDATE", cart["id"])
        async with asyncio.timeout(20):
            assert await house.round() == 1
    assert await house.round() == 1


async def test_a_cart_that_is_touched_while_it_is_looked_at_lives_on(shop: Shop, pool: Pool, monkeypatch):
    anna = shop.customer()
    await anna.add("tea")
    shop.clock.forward(timedelta(days=91))
    page = store.page

    async def touched(*arguments):
        found = await page(*arguments)
        if arguments[1] == "shop":
            await anna.add("jam")
        return found

    monkeypatch.setattr(store, "page", touched)
    assert await walk(shop, pool).round() == 0
    assert held(await anna.cart()) == {"tea": 1, "jam": 1}


async def test_pages_and_batches_reach_every_cart(shop: Shop, pool: Pool, monkeypatch):
    monkeypatch.setattr(walking, "PAGE", 5)
    monkeypatch.setattr(walking, "BATCH", 2)
    monkeypatch.setattr(walking, "ROUND_PAGES", 2)
    for number in range(13):
        await shop.customer(f"customer-{number}").add("tea")
    shop.clock.forward(timedelta(days=91))
    house = walk(shop, pool)
    assert [await house.round() for _ in range(3)] == [10, 3, 0]
    assert await shop.count("active") == 0


async def test_closed_carts_are_removed_when_the_store_keeps_them_no_longer(shop: Shop, pool: Pool):
    anna = shop.customer()
    await anna.add("tea")
    await shop.server().order("o-1", customer_id="anna")
    await anna.add("jam")
    house = walk(shop, pool)
    shop.clock.forward(timedelta(days=60))
    await anna.add("jam")
    shop.clock.forward(timedelta(days=341))
    await house.round()
    assert await shop.count("carts") == 1, "the one that has just been closed is kept"
    assert await shop.count("orders") == 1


@pytest.mark.parametrize(("dated", "walks"), [(True, False), (False, True)])
async def test_where_changes_are_dated_by_callers_ages_mean_nothing(shop: Shop, pool: Pool, dated: bool, walks: bool):
    dates = settings(allow_occurred_at=dated)
    assert (cart_expiry(dates, authenticators(dates).stores, pool, shop.clock) is not None) is walks


async def test_the_walk_and_the_removal_go_by_index(pool: Pool):
    await pool.execute("""
        INSERT INTO carts (cart_id, store_id, customer_id, status, order_id, version, units, total, lines, created_at,
            updated_at)
        SELECT gen_random_uuid(), 'shop', 'c-' || n, CASE WHEN n % 2 = 0 THEN 'active' ELSE 'ordered' END,
            CASE WHEN n % 2 = 1 THEN 'o' END, 1, 0, 0, '[]', now(), now()
        FROM generate_series(1, 20000) AS n
    """)
    await pool.execute("VACUUM ANALYZE carts")
    page = await pool.fetchval("EXPLAIN (FORMAT JSON) " + store.PAGE, "shop", walking.START, 100)
    assert "carts_active" in page
    assert "Seq Scan" not in page
    remove = await pool.fetchval("EXPLAIN (FORMAT JSON) " + store.REMOVE, "shop", walking.START, datetime.now(UTC), 100)
    assert "Seq Scan" not in remove
