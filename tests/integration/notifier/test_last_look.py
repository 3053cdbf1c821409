"""What these tests take for the cart service answers the last look as the cart service does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from libs.postgres.pool import open_pool
from services.cart.main import MIGRATIONS
from services.notifier.cart_client import CartClient, CartUnavailableError
from tests.integration.cart.shop import Shop
from tests.integration.notifier.stand_ins import KEY, STORE, CartService, HttpServer

MUG = {"sku": "mug", "title": "Stoneware mug", "price": 2450, "currency": "EUR", "options": {"Color": "Sand"}}


@dataclass
class Carts:
    """A cart service on loopback: a store of it, and how somebody's cart with two mugs comes to be there."""

    url: str
    store_id: str
    begin: Callable[[], Awaitable[UUID]]


@pytest.fixture(params=["stand-in", "real"])
async def carts(request: pytest.FixtureRequest, make_database: Callable[[Path], str]) -> AsyncIterator[Carts]:
    if request.param == "stand-in":
        stand_in = CartService()

        async def begin() -> UUID:
            return stand_in.holds(uuid4()).cart_id

        yield Carts(stand_in.server.url, STORE, begin)
        await stand_in.server.stop()
        return
    pool = await open_pool(make_database(MIGRATIONS))
    shop = Shop.open(pool, replicas=1, look_keys=(SecretStr(KEY),))

    async def shops() -> UUID:
        cart = await shop.customer("anna").add(quantity=2, more=MUG)
        await shop.server().ask("POST", "/inventory", {"levels": [{"sku": "mug", "available": 3}]})
        return UUID(cart["id"])

    server = HttpServer(shop.apps[0])
    yield Carts(server.url, "shop", shops)
    await server.stop()
    await shop.close()
    pool.terminate()


async def test_the_last_look_shows_the_cart_its_levels_and_the_way_back(carts: Carts) -> None:
    cart_id = await carts.begin()
    async with CartClient(carts.url, SecretStr(KEY), 30) as client:
        seen = await client.look(carts.store_id, cart_id)
    assert seen is not None
    assert (seen.cart.id, seen.cart.store_id, seen.cart.customer_id) == (cart_id, carts.store_id, "anna")
    assert (seen.cart.status, seen.cart.currency, seen.cart.units, seen.cart.total) == ("active", "EUR", 2, 4900)
    (line,) = seen.cart.lines
    assert (line.sku, line.title, line.price, line.quantity, line.total) == ("mug", "Stoneware mug", 2450, 2, 4900)
    assert line.options == {"Color": "Sand"}
    assert seen.inventory == {"mug": 3}
    assert seen.recovery_url.startswith("https://shop.")


async def test_a_cart_or_a_store_that_is_not_there_is_told_apart_from_an_outage(carts: Carts) -> None:
    cart_id = await carts.begin()
    async with CartClient(carts.url, SecretStr(KEY), 30) as client:
        assert await client.look(carts.store_id, uuid4()) is None
        assert await client.look("nowhere", cart_id) is None


async def test_a_key_that_opens_nothing_is_an_outage(carts: Carts) -> None:
    cart_id = await carts.begin()
    async with CartClient(carts.url, SecretStr("sk_test_of_somebody_else_0123456789"), 30) as client:
        with pytest.raises(CartUnavailableError):
            await client.look(carts.store_id, cart_id)
