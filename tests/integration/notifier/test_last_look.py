"""What these tests take for the cart service answers the last look as the cart service does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse, Response

from libs.postgres.pool import open_pool
from services.cart.main import MIGRATIONS
from services.notifier.cart_client import CartClient, CartUnavailableError
from services.notifier.db import deliveries
from services.notifier.domain.snapshot import CartSnapshot
from tests.integration.cart.shop import Shop
from tests.integration.notifier.conftest import LEASE, World
from tests.integration.notifier.stand_ins import KEY, STORE, CartService
from tests.support.serving import HttpServer

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


async def test_looks_that_are_asked_for_together_are_one_call_for_each_store(carts: Carts) -> None:
    cart_id = await carts.begin()
    async with CartClient(carts.url, SecretStr(KEY), 30) as client:
        calls = counted(client)
        asked = [(carts.store_id, cart_id), (carts.store_id, uuid4()), ("nowhere", cart_id), (carts.store_id, cart_id)]
        seen = await asyncio.gather(*(client.look(*one) for one in asked))
    assert [look and look.cart.id for look in seen] == [cart_id, None, None, cart_id]
    assert set(calls) == {f"/v1/stores/nowhere/carts/{cart_id}", f"/v1/stores/{carts.store_id}/carts:look"}
    assert len(calls) == 2


async def test_a_cart_service_of_before_is_asked_one_by_one(world: World) -> None:
    ids = [world.carts.holds(uuid4()).cart_id for _ in range(3)]
    world.carts.together_answer = Response("there is no such page", 404)
    async with CartClient(world.carts.server.url, SecretStr(KEY), 30) as client:
        seen = await asyncio.gather(*(client.look(STORE, one) for one in ids))
    assert [look and look.cart.id for look in seen] == ids


async def test_a_cart_that_can_t_be_read_stands_before_no_other(world: World) -> None:
    ids = [world.carts.holds(uuid4()).cart_id for _ in range(3)]
    world.carts.carts[str(ids[1])].status = "on the moon"
    async with CartClient(world.carts.server.url, SecretStr(KEY), 30) as client:
        seen = await asyncio.gather(*(client.look(STORE, one) for one in ids), return_exceptions=True)
    assert [type(one) for one in seen] == [CartSnapshot, CartUnavailableError, CartSnapshot]


@pytest.mark.parametrize("answer", [Response("down", 503), JSONResponse({"carts": []}), None])
async def test_carts_that_can_t_be_asked_for_are_an_outage_for_each(world: World, answer: Response | None) -> None:
    ids = [world.carts.holds(uuid4()).cart_id for _ in range(2)]
    world.carts.together_answer, world.carts.down = answer, True
    url = world.carts.server.url
    if answer is None:
        await world.carts.server.stop()
    async with CartClient(url, SecretStr(KEY), 30) as client:
        seen = await asyncio.gather(*(client.look(STORE, one) for one in ids), return_exceptions=True)
    assert [type(one) for one in seen] == [CartUnavailableError] * 2


async def test_the_looks_of_a_claim_are_one_call(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifier.handlers.last_word.FRESH_S", 3600)  # none is so old that it looks again
    names = [f"customer{n}" for n in range(5)]
    for name in names:
        await world.knows(name)
    requests = [await world.asks(customer_id=name) for name in names]
    delivery = world.delivery()
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 10, uuid4(), LEASE)
    await asyncio.gather(*(delivery.deliver(one) for one in claimed))
    assert [await world.ended(one) for one in requests] == [("sent", None)] * 5
    assert world.carts.together == [5]


def counted(client: CartClient) -> list[str]:
    """The paths that are asked for from now on."""
    paths: list[str] = []

    request = client._http.request

    def note(method: str, path: str, **more: Any) -> Any:
        paths.append(path)
        return request(method, path, **more)

    client._http.request = note  # type: ignore[method-assign]
    return paths
