"""What an order holds back, and lets go."""

from datetime import timedelta
from typing import Any

import pytest

from services.cart.domain.orders.commands import UpdateOrder
from services.cart.domain.request import WriteRequest
from services.cart.handlers.orders.fulfilment import FulfilmentHandlers
from tests.integration.cart.reserving import gets, reserve, shoppers
from tests.integration.cart.shop import Shop, done, refused


async def test_an_order_uses_up_its_reservation_and_the_shops_level_settles_it_as_it_falls(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    await anna.add("tea")
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    await ben.add("tea", 2)
    # the shop has not told the level without them yet: they must not be sold twice meanwhile
    assert await gets(ben) == {"tea": 1}
    await shop.server().level("tea", 2)
    assert await gets(ben) == {"tea": 1}, "one of the two is still part of it"
    await shop.server().level("tea", 1)
    assert await gets(ben) == {"tea": 1}
    await shop.server().level("tea", 3)
    assert await gets(ben) == {"tea": 3}


async def tell_level(shop: Shop, available: int, **more: Any) -> None:
    done(await shop.server().ask("PUT", "/inventory/tea", {"available": available} | more))


async def test_the_same_level_again_or_a_higher_one_never_lets_an_orders_hold_go(shop: Shop):
    anna, ben = await shoppers(shop, level=1)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    await tell_level(shop, 1, sequence=1)
    await tell_level(shop, 1, sequence=2, threshold=4, category="drinks")
    assert await gets(ben) == {"tea": 0}
    await tell_level(shop, 2, sequence=3)
    await ben.add("tea")
    assert await gets(ben) == {"tea": 1}
    await tell_level(shop, 1, sequence=4)
    assert await gets(ben) == {"tea": 1}, "and what was put in since is nobody's"


async def test_a_level_of_another_place_never_lets_an_orders_hold_go(shop: Shop):
    anna, ben = await shoppers(shop, level=0)
    await tell_level(shop, 1, location="warsaw")
    await tell_level(shop, 1, location="berlin")
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    await ben.add("tea")
    await tell_level(shop, 0, location="berlin")
    assert await gets(ben) == {"tea": 0}, "the order may be sent from warsaw"
    await tell_level(shop, 3, location="paris")
    await tell_level(shop, 0, location="paris")
    assert await gets(ben) == {"tea": 0}
    await tell_level(shop, 0, location="warsaw")
    await tell_level(shop, 1, location="warsaw")
    assert await gets(ben) == {"tea": 1}, "all that was left lay there, so it was sent from there"


async def test_a_level_settles_no_more_than_it_fell_by_and_the_oldest_hold_first(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    cleo = shop.customer("cleo")
    await cleo.add("tea", 3)
    for who, order_id in ((anna, "o-1"), (ben, "o-2")):
        await reserve(who)
        await shop.server().order(order_id, customer_id="anna" if who is anna else "ben")
    assert await gets(cleo) == {"tea": 1}
    await shop.server().level("tea", 2)
    assert await gets(cleo) == {"tea": 1}, "the other order is still part of it"
    held = "SELECT order_id FROM reservations JOIN carts USING (cart_id) WHERE ordered AND reservations.units > 0"
    assert [row["order_id"] for row in await shop.pool.fetch(held)] == ["o-2"]
    await shop.server().level("tea", 1)
    assert await gets(cleo) == {"tea": 1}


@pytest.mark.parametrize("lines", [[], [{"sku": "tea", "quantity": 3}]])
async def test_a_cancelled_order_lets_go_what_it_held(shop: Shop, lines: list[Any]):
    anna, ben = await shoppers(shop, level=3)
    await anna.add("tea", 2)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna", lines=lines)
    await ben.add("tea", 2)
    assert await gets(ben) == {"tea": 0}
    part = {"type": "cancelled", "lines": [{"sku": "tea", "quantity": 1}]}
    done(await shop.server().ask("POST", "/orders/o-1/events", part), 201)
    assert await gets(ben) == {"tea": 1}
    shop.clock.forward(timedelta(minutes=1))
    done(await shop.server().ask("POST", "/orders/o-1/events", {"type": "cancelled"}), 201)
    assert await gets(ben) == {"tea": 3}


async def test_an_order_that_was_cancelled_before_it_was_told_holds_nothing(shop: Shop):
    anna, ben = await shoppers(shop)
    await reserve(anna)
    handlers = FulfilmentHandlers(shop.pool, shop.clock, lambda *_: None)
    early = WriteRequest("shop", "f:orders", b"")
    await handlers.update("shop", "o-1", UpdateOrder(type="cancelled"), early, answerable=False)
    await shop.server().order("o-1", customer_id="anna")
    assert await gets(ben) == {"tea": 1}


async def test_what_cannot_be_lets_nothing_go(shop: Shop):
    anna, ben = await shoppers(shop)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    done(await shop.server().ask("POST", "/orders/o-1/events", {"type": "shipped"}), 201)
    shop.clock.forward(timedelta(minutes=1))
    refused(await shop.server().ask("POST", "/orders/o-1/events", {"type": "cancelled"}), 409, "order-mismatch")
    handlers = FulfilmentHandlers(shop.pool, shop.clock, lambda *_: None)
    await handlers.update(
        "shop", "o-1", UpdateOrder(type="cancelled"), WriteRequest("shop", "f:orders", b""), answerable=False
    )
    assert await gets(ben) == {"tea": 0}
