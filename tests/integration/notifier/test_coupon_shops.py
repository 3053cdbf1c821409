"""Codes that the shop gives, and codes that it takes: asked by signed requests before a message goes out."""

import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.coupon_client import CouponClient, ShopUnavailableError
from services.notifier.db import coupon_pools
from services.notifier.domain.coupons import Coupon, Pool
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.integration.notifier.test_coupons import codes, filled, knows, offers
from tests.support.serving import HttpServer
from tests.unit.notifier.making import reminder

HEADERS = {"Authorization": f"Bearer {SERVERS_KEY}"}


@dataclass
class Shop:
    """Gives a code for each id, and takes all codes but those that it refuses."""

    given: dict[str, str] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    answer: Response | None = None
    signed: list[tuple[str, str, str, bytes]] = field(default_factory=list)

    async def give(self, request: Request) -> Response:
        name = await self._heard(request)
        return self.answer or JSONResponse({"code": self.given.setdefault(name, f"S-{len(self.given)}")})

    async def check(self, request: Request) -> Response:
        await self._heard(request)
        return self.answer or JSONResponse({"valid": (await request.json())["code"] not in self.refuses})

    async def _heard(self, request: Request) -> str:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        name, at, signature = (request.headers[one] for one in names)
        self.signed.append((name, at, signature, await request.body()))
        return name


@pytest.fixture
async def shop() -> AsyncIterator[tuple[Shop, str]]:
    said = Shop()
    routes = [Route("/give", said.give, methods=["POST"]), Route("/check", said.check, methods=["POST"])]
    server = HttpServer(Starlette(routes=routes))
    yield said, server.url
    await server.stop()


async def described(world: World, **said: Any) -> None:
    async with world.pool.acquire() as connection:
        await coupon_pools.put(connection, Pool(STORE, "back10", **said))


async def test_a_code_is_fetched_from_the_shop_by_a_signed_request_once_for_a_reminder(world: World, shop: Any):
    said, url = shop
    await knows(world, "anna", "ben")
    await described(world, source="endpoint", url=f"{url}/give")
    asked = [await offers(world, name) for name in ("anna", "ben")]
    await world.deliver()
    found = {(await world.row(one))["coupon_code"] for one in asked}
    assert found == {"S-0", "S-1"}
    assert {await world.ended(one) for one in asked} == {("sent", None)}
    name, at, signature, body = said.signed[0]
    assert name in {str(one.reminder_id) for one in asked}
    assert json.loads(body)["valid_seconds"] == 48 * 3600
    key = base64.b64decode(main.shops(world.settings).signing_secret(STORE, "back10").removeprefix("whsec_"))
    made = hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")
    assert signature == "v1," + base64.b64encode(made).decode()


async def test_a_shop_without_a_code_holds_the_message_back(world: World, shop: Any):
    said, url = shop
    said.answer = Response(status_code=404)
    await world.knows()
    await described(world, source="endpoint", url=f"{url}/give")
    request = await offers(world)
    await world.deliver()
    assert await world.ended(request) == ("pending", "no_coupon")


@pytest.mark.parametrize(
    "answer",
    [
        Response("down", 503),
        Response("[]"),
        Response("{"),
        JSONResponse({"code": "A 1"}),
        JSONResponse({"code": 7}),
        JSONResponse({"code": "A-1", "expires_at": "soon"}),
        JSONResponse({"code": "A-1", "expires_at": "2026-12-31T10:00:00"}),
        Response("x" * 20_000),
        Response(status_code=302, headers={"Location": "https://elsewhere.example/"}),
    ],
)
async def test_a_shop_that_says_nothing_of_use_is_asked_again_later(world: World, shop: Any, answer: Response):
    said, url = shop
    said.answer = answer
    await world.knows()
    await described(world, source="endpoint", url=f"{url}/give")
    request = await offers(world)
    await world.deliver()
    assert await world.ended(request) == ("pending", "coupon_unchecked")
    said.answer = None
    await world.passes(timedelta(minutes=10))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_coupon_of_another_site_is_not_sent_and_the_next_one_is(world: World, shop: Any):
    """Story (magemonkey#123, magento2-klaviyo#218): the code that came was one that the shop did not know."""
    said, url = shop
    said.refuses = {"A-1"}
    await world.knows()
    await filled(world, "A-1", "A-2", check_url=f"{url}/check")
    request = await offers(world)
    await world.deliver()
    assert (await world.row(request))["coupon_code"] == "A-2"
    assert "A-2" in world.relay.body()
    assert await codes(world, "SELECT code FROM coupon_codes WHERE refused_at IS NOT NULL") == ["A-1"]


async def test_whose_code_is_used_up_is_told_it_no_second_time(world: World, shop: Any):
    said, url = shop
    await world.knows()
    await filled(world, "A-1", "A-2", check_url=f"{url}/check")
    await offers(world)
    await world.deliver()
    said.refuses = {"A-1"}
    again = await offers(world)
    await world.deliver()
    assert await world.ended(again) == ("cancelled", "had_coupon")
    assert await codes(world, "SELECT code FROM coupon_codes WHERE refused_at IS NOT NULL") == []


async def test_the_shop_is_told_its_secret_and_no_address_of_ours_is_asked(world: World, web: httpx.AsyncClient):
    at = f"/v1/stores/{STORE}/coupons/back10"
    told = (await web.put(at, json={"source": "endpoint", "url": "https://shop.example/give"}, headers=HEADERS)).json()
    assert told["signing_secret"] == main.shops(world.settings).signing_secret(STORE, "back10")
    assert (await web.put(at, json={}, headers=HEADERS)).json()["signing_secret"] is None
    for faulty in ({"source": "endpoint"}, {"url": "https://shop.example/"}, {"source": "endpoint", "url": "ftp://x"}):
        assert (await web.put(at, json=faulty, headers=HEADERS)).status_code == 422
    strict = CouponClient("s" * 32, utc_now, local=False)
    for url in ("https://127.0.0.1/give", "https://10.0.0.1/give", "http://shop.example/give"):
        with pytest.raises(ShopUnavailableError):
            await strict.fetch(Pool(STORE, "p", "endpoint", url=url), reminder(), None)


async def test_a_shop_s_own_end_of_a_code_is_kept(shop: Any):
    said, url = shop
    said.answer = JSONResponse({"code": "A-1", "expires_at": "2099-01-01T00:00:00+00:00"})
    client = CouponClient("s" * 32, utc_now, local=True)
    found = await client.fetch(Pool(STORE, "p", "endpoint", url=f"{url}/give"), reminder(), None)
    assert isinstance(found, Coupon)
    assert (found.code, found.until and found.until.year) == ("A-1", 2099)
