"""A new price or level of stock is on the open streams of those who hold it at once, and nobody else is looked at."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.postgres.pool import Pool
from services.cart.feeds.inventory import InventoryFeed
from services.cart.live.publisher import LivePublisher
from services.cart.live.subscriptions import READS, Subscriptions
from tests.integration.cart.feeds.test_inventory_feed import batch, level
from tests.integration.cart.shop import SECRET_KEY, Shop, Visitor, customer_token, done
from tests.integration.cart.streaming import Device, Replica, listening, replica

LATE_S = 3600
"""No catch-up comes to the help of what should have been announced."""


def anna_at(place: Replica) -> Visitor:
    return Visitor(place.http, {"Authorization": f"Bearer {customer_token('anna')}"})


def server_at(place: Replica) -> Visitor:
    return Visitor(place.http, {"Authorization": f"Bearer {SECRET_KEY}"})


async def costs(place: Replica, sku: str, price: int) -> None:
    done(await server_at(place).ask("PUT", f"/prices/{sku}", {"price": price, "currency": "EUR"}))


async def told(device: Device) -> list[tuple[str, str, int, int]]:
    notices: Any = (await device.next()).cart.get("notices", [])
    return [(one["kind"], one["sku"], one["before"], one["after"]) for one in notices]


@pytest.fixture
async def one(pool: Pool, dsn: str) -> AsyncIterator[Replica]:
    async with replica(pool, dsn, catch_up_s=LATE_S) as running:
        yield running


@pytest.fixture
async def other(pool: Pool, dsn: str) -> AsyncIterator[Replica]:
    async with replica(pool, dsn, catch_up_s=LATE_S) as running:
        yield running


async def test_a_price_and_a_level_are_told_at_once_on_the_streams_of_every_replica(one: Replica, other: Replica):
    await anna_at(one).add("tea", 3)
    async with listening(anna_at(one)) as here, listening(anna_at(other)) as there:
        assert await told(here) == await told(there) == []
        await costs(one, "tea", 450)
        assert await told(here) == await told(there) == [("price_changed", "tea", 500, 450)]
        await server_at(other).level("tea", 2)
        both = [("low_stock", "tea", 3, 2), ("price_changed", "tea", 500, 450)]
        assert await told(here) == await told(there) == both
        await costs(other, "tea", 500)
        await server_at(one).level("tea", 3)
        while await told(there):
            pass  # what is put right is told as well: nothing is left


async def test_a_change_of_a_whole_catalogue_is_told_at_once(one: Replica, other: Replica):
    await anna_at(one).add("sku-7")
    levels = {"levels": [{"sku": f"sku-{n}", "available": 0} for n in range(1000)]}
    async with listening(anna_at(other)) as device:
        assert await told(device) == []
        done(await server_at(one).ask("POST", "/inventory", levels))
        assert await told(device) == [("out_of_stock", "sku-7", 1, 0)]


async def test_what_another_customer_holds_back_is_told_at_once_and_so_is_its_release(one: Replica, other: Replica):
    for place in (one, other):
        known = place.book.said("environment")
        place.book.put("environment", {**known, "shop": known["shop"].model_copy(update={"reservation_minutes": 15})})
    ben = Visitor(one.http, {"Authorization": f"Bearer {customer_token('ben')}"})
    await server_at(one).level("tea", 2)
    await anna_at(one).add("tea", 2)
    cart = await ben.add("tea", 2)
    async with listening(anna_at(one)) as here, listening(anna_at(other)) as there, listening(ben) as own:
        assert await told(here) == await told(there) == await told(own) == []
        done(await ben.ask("POST", "/cart/reservation"))
        assert await told(here) == await told(there) == [("out_of_stock", "tea", 2, 0)]
        done(await ben.ask("PUT", f"/cart/lines/{cart['lines'][0]['line_id']}", {"quantity": 1}))
        assert await told(here) == await told(there) == [("low_stock", "tea", 2, 1)]
        done(await ben.ask("DELETE", "/cart/reservation"), 204)
        assert await told(here) == await told(there) == []
        assert [one.cart.get("notices") for one in [await own.until({"tea": 1})]] == [None]


async def test_a_line_put_in_while_the_stream_is_open_counts_too(one: Replica, other: Replica):
    async with listening(anna_at(other)) as device:
        await device.next()
        await anna_at(one).add("tea")
        await device.until({"tea": 1})
        await server_at(one).level("tea", 0)
        assert await told(device) == [("out_of_stock", "tea", 1, 0)]


async def test_a_stream_is_not_looked_at_for_what_tells_it_nothing(one: Replica):
    await anna_at(one).add("tea", 2)
    await anna_at(one).add("jam")
    async with listening(anna_at(one)) as device:
        assert await told(device) == []
        await server_at(one).level("jam", 0)
        assert await told(device) == [("out_of_stock", "jam", 1, 0)]
        looks = READS._value.get()
        for left in (900, 899, 3):
            await server_at(one).level("tea", left)
        await server_at(one).level("coffee", 0)
        await server_at(one).level("jam", 1)
        assert await told(device) == []
        assert READS._value.get() == looks + 1


async def test_a_price_of_which_nobody_told_is_found(pool: Pool, dsn: str):
    async with replica(pool, dsn, announcing=False, catch_up_s=0.05) as mute:
        await anna_at(mute).add("tea")
        async with listening(anna_at(mute)) as device:
            assert await told(device) == []
            await costs(mute, "tea", 450)  # a replica that dies between commit and announcement
            assert await told(device) == [("price_changed", "tea", 500, 450)]


async def test_what_the_shops_own_systems_tell_is_on_the_streams_as_well(shop: Shop, one: Replica):
    await anna_at(one).add("tea")
    elsewhere = LivePublisher(shop.pool, Subscriptions())  # the feeds are read by a process without streams
    async with asyncio.TaskGroup() as tasks, listening(anna_at(one)) as device:
        announcing = tasks.create_task(elsewhere.run())
        assert await told(device) == []
        await InventoryFeed(shop.pool, shop.books[0], shop.clock, elsewhere.touch).handle(batch(level("tea", 0)))
        assert await told(device) == [("out_of_stock", "tea", 1, 0)]
        announcing.cancel()
