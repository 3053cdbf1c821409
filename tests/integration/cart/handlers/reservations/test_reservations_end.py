"""What is in a cart no more is held back no more."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.cart.db import reservations
from tests.integration.cart.reserving import expire, gets, reserve, shoppers
from tests.integration.cart.shop import Shop, done, held
from tests.support.eventually import eventually

LESS = {
    "a line that is removed": ("DELETE", "/cart/lines/{line}", None, 0),
    "a line that is reduced": ("PUT", "/cart/lines/{line}", {"quantity": 1}, 1),
    "a line that is set aside": ("POST", "/cart/lines/{line}/save", None, 0),
    "a cart that is emptied": ("DELETE", "/cart/lines", None, 0),
}


@pytest.mark.parametrize("story", LESS)
async def test_less_in_the_cart_is_less_held_back(shop: Shop, story: str):
    method, path, body, left = LESS[story]
    anna, ben = await shoppers(shop, level=3)
    cart = await anna.add("tea", 2)
    await ben.add("tea", 2)
    assert await gets(anna) == {"tea": 3}
    done(await anna.ask(method, path.format(line=cart["lines"][0]["line_id"]), body))
    assert (await shop.server().look((await ben.cart())["id"]))["inventory"] == {"tea": 3 - left}
    assert await gets(ben) == {"tea": 3 - left}
    await anna.add("tea", 3 - left)
    assert (await shop.server().look((await anna.cart())["id"]))["inventory"] == {"tea": left}, "it is not held again"


async def test_a_reservation_that_is_just_being_made_is_let_go_by_a_change_that_waits_for_it(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    cart = await anna.add("tea")
    async with shop.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM carts WHERE cart_id = $1 FOR UPDATE", UUID(cart["id"]))
        line = f"/cart/lines/{cart['lines'][0]['line_id']}"
        waiting = asyncio.create_task(shop.elsewhere(anna).ask("PUT", line, {"quantity": 1}))
        await eventually(lambda: _waiting(shop))
        await reservations.reserve(connection, "shop", UUID(cart["id"]), {"tea": 2}, 15)
    done(await waiting)
    assert await gets(ben) == {"tea": 1}


async def _waiting(shop: Shop) -> list[Any]:
    return list(await shop.pool.fetch("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"))


@pytest.mark.parametrize("mode", ["max", "sum", "guest_wins"])
async def test_a_merged_cart_holds_no_more_than_is_in_it(shop: Shop, mode: str):
    anna, ben = await shoppers(shop, level=9)
    await anna.add("tea", 2)
    await reserve(anna)
    guest = await shop.guest()
    await guest.add("tea", 1)
    await reserve(guest)
    merged = await anna.claim(guest, mode)
    assert held(merged["cart"]) == {"tea": {"max": 3, "sum": 4, "guest_wins": 1}[mode]}
    await ben.add("tea", 8)
    assert await gets(ben) == {"tea": 9 - held(merged["cart"])["tea"]}
    done(await anna.undo(merged["merge"]))
    assert await gets(ben) == {"tea": 9 - min(held(await anna.cart())["tea"], held(merged["cart"])["tea"])}


async def test_a_log_in_revives_nothing_that_was_over(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    await reserve(anna)
    await expire(shop)
    guest = await shop.guest()
    await guest.add("tea")
    await reserve(guest)
    await anna.claim(guest, "sum")
    await ben.add("tea")
    assert await gets(ben) == {"tea": 1}


async def test_an_order_of_a_guest_cart_that_comes_at_log_in_keeps_what_was_held_for_it(shop: Shop):
    anna, ben = await shoppers(shop)
    done(await anna.ask("DELETE", "/cart/lines"))
    guest = await shop.guest()
    await guest.add("tea")
    assert await gets(guest) == {"tea": 1}
    await shop.server().order("o-1", customer_id="anna", lines=[{"sku": "tea", "quantity": 1}])
    await anna.claim(guest)
    assert await shop.pool.fetchval("SELECT units FROM reservations WHERE ordered") == 1
    assert await gets(ben) == {"tea": 0}


async def test_a_cart_that_has_expired_or_was_erased_holds_nothing(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    await reserve(anna)
    await shop.pool.execute("UPDATE carts SET status = 'expired' WHERE customer_id = 'anna'")
    await ben.add("tea")
    assert await gets(ben) == {"tea": 2}
    done(await ben.ask("DELETE", "/cart/reservation"), 204)
    await anna.add("tea")
    await reserve(anna)
    assert await gets(ben) == {"tea": 1}
    done(await shop.server().ask("POST", "/customers/anna/erasure"), 202)
    assert await gets(ben) == {"tea": 2}


async def test_a_copy_and_the_cart_that_an_order_leaves_hold_nothing(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    await anna.add("tea", 2)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna", lines=[{"sku": "tea", "quantity": 1}])
    await ben.add("tea", 2)
    assert await gets(ben) == {"tea": 2}


async def test_an_order_of_some_units_lets_the_others_go(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    cart = await anna.add("tea")
    await anna.add("tea")
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna", cart_id=cart["id"], cart_version=cart["version"])
    assert await gets(ben) == {"tea": 1}


async def test_a_log_in_during_the_checkout_keeps_what_was_held_back_for_the_guest(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    guest = await shop.guest()
    await guest.add("tea", 2)
    assert await gets(guest) == {"tea": 2}
    await anna.claim(guest)
    assert await gets(ben) == {"tea": 0}
    assert await gets(anna) == {"tea": 2}
