"""Pools of coupons as a store's servers describe and fill them."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.notifier import main
from services.notifier.web.coupons.coupon_schemas import CodeTold, PoolFilled, Pools, PoolTold
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented

ALL = f"/v1/stores/{STORE}/coupons"
AT = f"{ALL}/back10"
HEADERS = {"Authorization": f"Bearer {SERVERS_KEY}"}
CSV = HEADERS | {"Content-Type": "text/csv"}


async def put(web: httpx.AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await web.put(AT, json=said, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, PoolFilled)
    told: dict[str, Any] = answer.json()
    return told


async def test_a_pool_is_described_filled_shown_and_taken_away(world: World, web: httpx.AsyncClient):
    end = "2099-12-31T23:59:59+01:00"
    told = await put(web, low_at=5, once_days=7, codes=["A-1", {"code": "A-2", "expires_at": end}, "A-1"])
    assert (told["left"], told["taken"], told["added"], told["low_at"], told["once_days"]) == (2, 0, 2, 5, 7)
    more = await web.post(AT, json={"codes": ["A-2", "A-3"]}, headers=HEADERS)
    assert as_documented(more.content, PoolFilled)
    assert (more.json()["left"], more.json()["added"]) == (3, 1)
    listed, one = await web.get(ALL, headers=HEADERS), await web.get(AT, headers=HEADERS)
    assert as_documented(listed.content, Pools)
    assert as_documented(one.content, PoolTold)
    assert listed.json()["pools"] == [one.json()]
    code = await web.get(f"{AT}/codes/A-2", headers=HEADERS)
    assert as_documented(code.content, CodeTold)
    assert (code.json()["state"], code.json()["expires_at"]) == ("free", "2099-12-31T22:59:59Z")
    assert (await web.delete(AT, headers=HEADERS)).status_code == 204
    assert await world.pool.fetchval("SELECT count(*) FROM coupon_codes") == 0
    for method, path, type_ in (("GET", AT, "pool"), ("DELETE", AT, "pool"), ("GET", f"{AT}/codes/A-2", "coupon")):
        gone = await web.request(method, path, headers=HEADERS)
        assert (gone.status_code, gone.json()["type"]) == (404, f"urn:evercart:problem:unknown-{type_}")


async def test_csv_makes_a_pool_and_puts_its_codes_instead_of_the_free_ones(world: World, web: httpx.AsyncClient):
    await put(web, codes=["A-1", "A-2"])
    await world.pool.execute("UPDATE coupon_codes SET taken_at = now() WHERE code = 'A-1'")
    answer = await web.put(AT, content="code,expires_at\nB-1,\nA-1,\n", headers=CSV)
    told = answer.json()
    assert (told["left"], told["taken"], told["added"]) == (1, 1, 1), "what somebody has is not free again"
    assert [row["code"] for row in await world.pool.fetch("SELECT code FROM coupon_codes ORDER BY code")] == [
        "A-1",
        "B-1",
    ]
    added = await web.post(AT, content="B-2", headers=CSV)
    assert added.json()["left"] == 2
    assert (await put(web, once_days=9))["left"] == 2, "without codes it keeps those that it has"


async def test_a_pattern_is_a_pool_without_codes(web: httpx.AsyncClient):
    told = await put(web, source="pattern", pattern="BACK-######")
    assert (told["source"], told["pattern"], told["left"]) == ("pattern", "BACK-######", 0)


@pytest.mark.parametrize(
    "said",
    [
        {"source": "pattern"},
        {"source": "pattern", "pattern": "BACK-###"},
        {"source": "codes", "pattern": "BACK-######"},
        {"source": "witch"},
        {"once_days": 0},
        {"once_days": "7"},
        {"low_at": -1},
        {"codes": "A-1"},
        {"codes": ["A 1"]},
        {"codes": [{"code": "A-1", "expires_at": "tomorrow"}]},
        {"store": "demo"},
        [],
        "A-1",
    ],
)
async def test_what_is_no_pool_is_refused_and_describes_none(world: World, web: httpx.AsyncClient, said: Any):
    answer = await web.put(AT, json=said, headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert await world.pool.fetchval("SELECT count(*) FROM coupon_pools") == 0


async def test_a_fault_of_an_upload_is_told_with_its_line_and_nothing_of_it_is_kept(
    world: World, web: httpx.AsyncClient
):
    await put(web, codes=["A-1"])
    answer = await web.post(AT, content="B-1\nB 2\nB-3,never\n", headers=CSV)
    assert answer.status_code == 422
    assert [fault["line"] for fault in answer.json()["errors"]] == [2, 3]
    assert (await web.get(AT, headers=HEADERS)).json()["left"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", HEADERS, 400),
        (b"\xff\xfe", CSV, 422),
        (b'"\xff"', HEADERS, 422),
        (b'{"codes": ["A"], "low_at": 3}', HEADERS, 422),
        (b"{}", HEADERS, 422),
        (b'{"codes": ["A"]}', {}, 401),
        (b'{"codes": ["A"]}', {"Authorization": "Bearer another"}, 401),
    ],
)
async def test_what_can_not_be_read_adds_nothing(
    world: World, web: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int
):
    await put(web)
    assert (await web.post(AT, content=body, headers=headers)).status_code == status
    assert await world.pool.fetchval("SELECT count(*) FROM coupon_codes") == 0


async def test_a_store_of_which_nothing_was_heard_gets_no_pool(world: World):
    settings = world.settings.model_copy(update={"keys": {"*": SecretStr(SERVERS_KEY)}})
    application = main.web(settings, world.pool, world.stores, {}, world.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        answer = await client.put("/v1/stores/nobody/coupons/back10", json={}, headers=HEADERS)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:evercart:problem:unknown-store")
        assert (
            await client.post("/v1/stores/nobody/coupons/back10", json={"codes": []}, headers=HEADERS)
        ).status_code == 404
