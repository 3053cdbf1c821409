"""The service as the network sees it: a real server, browsers from other origins, documents and figures."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from libs.http.serve import serve
from tests.integration.cart.shop import LINE, Shop, Visitor, done, held, refused
from tests.support.serving import free_port, listening


@pytest.fixture
async def base_url(shop: Shop) -> AsyncIterator[str]:
    port = free_port()
    await shop.clients[0].get("/health/live")  # so that it is built before somebody waits with a watch in their hand
    serving = asyncio.create_task(serve(shop.apps[0], "127.0.0.1", port))
    await listening(port, serving)
    yield f"http://127.0.0.1:{port}"
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_cart_over_a_real_connection(shop: Shop, base_url: str):
    async with httpx.AsyncClient(base_url=base_url, timeout=60) as http:
        anna = Visitor(http, shop.customer().headers)
        await anna.add("tea", 2)
        etag = (await anna.ask("GET", "/cart")).headers["etag"]
        assert (await anna.ask("GET", "/cart", If_None_Match=etag)).status_code == 304
        head = await anna.ask("HEAD", "/cart")
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
        assert held(await shop.customer(replica=1).cart()) == {"tea": 2}
        refused(await anna.ask("POST", "/cart/lines", b"x" * 100_000), 413, "body-too-large")
        refused(await anna.ask("POST", "/cart/lines", "{"), 400, "malformed-json")
        assert "server" not in head.headers


async def test_32_devices_at_once_over_real_connections(shop: Shop, base_url: str):
    limits = httpx.Limits(max_connections=32)
    async with httpx.AsyncClient(base_url=base_url, limits=limits, timeout=60) as http:
        anna = Visitor(http, shop.customer().headers)
        await asyncio.gather(*(anna.add("tea") for _ in range(32)))
    assert held(await shop.customer().cart()) == {"tea": 32}
    assert await shop.count("outbox") == 32


async def test_a_page_of_the_stores_origin_may_call(shop: Shop):
    anna = shop.customer()
    answer = await anna.ask("POST", "/cart/lines", LINE, Origin="https://shop.test")
    assert answer.headers["access-control-allow-origin"] == "https://shop.test"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]
    problem = await anna.ask("POST", "/cart/lines", "{", Origin="https://shop.test")
    assert problem.headers["access-control-allow-origin"] == "https://shop.test"


@pytest.mark.parametrize("origin", ["https://evil.test", "https://other.test", "null", "https://shop.test.evil.test"])
async def test_a_page_of_another_origin_may_not(shop: Shop, origin: str):
    answer = await shop.customer().ask("GET", "/cart", Origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_browser_asks_before_it_calls(shop: Shop):
    asking = {"Origin": "https://shop.test", "Access_Control_Request_Method": "PUT"}
    nobody = Visitor(shop.clients[0], {})
    answer = await nobody.ask("OPTIONS", "/cart/lines/x", None, **asking)
    assert answer.status_code == 204
    assert "PUT" in answer.headers["access-control-allow-methods"]
    for header in ("Authorization", "X-Cart-Token", "Idempotency-Key", "If-Match", "Content-Type"):
        assert header in answer.headers["access-control-allow-headers"]
    foreign = await nobody.ask("OPTIONS", "/cart", None, **asking | {"Origin": "https://evil.test"})
    assert "access-control-allow-origin" not in foreign.headers
    link = await shop.clients[0].options("/v1/recovery/x", headers={k.replace("_", "-"): v for k, v in asking.items()})
    assert link.headers["access-control-allow-origin"] == "https://shop.test"


async def test_the_api_is_documented_with_its_hot_endpoints(shop: Shop):
    http = shop.clients[0]
    document = done(await http.get("/openapi.json"))
    shop_path = "/v1/stores/{store_id}"
    assert {"get", "patch"} == set(document["paths"][f"{shop_path}/cart"])
    assert {"post", "delete"} == set(document["paths"][f"{shop_path}/cart/lines"])
    add = document["paths"][f"{shop_path}/cart/lines"]["post"]
    assert add["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/AddLine")
    assert {"customer": []} in add["security"]
    assert not [ref for ref in _references(document) if not _there(document, ref)]


def _references(part: object) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return here + [ref for value in part.values() for ref in _references(value)]
    return [ref for value in part for ref in _references(value)] if isinstance(part, list) else []


def _there(document: dict[str, Any], reference: str) -> bool:
    _, _, kind, name = reference.split("/")
    return name in document["components"][kind]


async def test_the_page_of_the_document_needs_no_other_host(shop: Shop):
    page = (await shop.clients[0].get("/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert (await shop.clients[0].get(f"/static-offline-docs/{asset}")).status_code == 200


async def test_ops_see_life_readiness_and_figures(shop: Shop):
    http = shop.clients[0]
    await shop.customer().add()
    await shop.customer().cart()
    assert done(await http.get("/health/live"))["status"] == "live"
    assert done(await http.get("/health/ready")) == {"status": "ready", "failing": []}
    figures = (await http.get("/metrics")).text
    for route in ("/v1/stores/{store_id}/cart/lines", "/v1/stores/{store_id}/cart"):
        assert f'route="{route}",status="200"' in figures
    for name in (
        "evercart_cart_guesses_total",
        "evercart_cart_swaps_lost_total",
        "evercart_cart_request_seconds_bucket",
    ):
        assert name in figures
    assert "anna" not in figures


async def test_without_its_database_the_service_is_not_ready_and_says_so(shop: Shop):
    shop.pool.terminate()
    http = shop.clients[0]
    assert (await http.get("/health/live")).status_code == 200
    assert done(await http.get("/health/ready"), 503)["failing"] == ["postgres"]
    problem = await shop.customer().ask("GET", "/cart")
    refused(problem, 503, "unavailable")
    assert problem.headers["retry-after"] == "1"
