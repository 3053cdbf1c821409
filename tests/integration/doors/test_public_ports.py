"""What is at a port that everybody reaches, and how browsers take it."""

import httpx
import pytest

from libs.http.health import health_app
from libs.http.ops_paths import WithoutOpsPaths
from libs.postgres.pool import open_pool
from services.cart.main import MIGRATIONS
from tests.integration.cart.shop import Shop


@pytest.fixture
async def shop(make_database):
    pool = await open_pool(make_database(MIGRATIONS), size=2)
    shop = Shop.open(pool, 1)
    yield shop
    await shop.close()
    pool.terminate()


async def test_figures_and_documents_can_be_kept_off_the_public_port(shop: Shop):
    """Story: everybody could read at /metrics how many carts the shop had that day."""
    app = WithoutOpsPaths(shop.apps[0])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cart.test") as http:
        for path in ("/metrics", "/docs", "/docs/oauth2-redirect", "/openapi.json"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:evercart:problem:not-found"), path
            assert (await shop.clients[0].get(path)).status_code == 200, path
        assert (await http.get("/health/live")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/stores/shop/cart", "/health/live", "/v1/recovery/x", "/nothing", "/docs", "/problems"]
)
async def test_no_answer_is_sniffed(shop: Shop, path: str):
    """Story: a cart's JSON with markup in a title was opened as a page by an old browser."""
    assert (await shop.clients[0].get(path)).headers.get_list("x-content-type-options") == ["nosniff"]


async def test_no_answer_of_the_others_is_sniffed():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(health_app({})), base_url="http://x.test") as http:
        for path in ("/metrics", "/nothing", "/nothing?nul=%00"):
            assert (await http.get(path)).headers.get_list("x-content-type-options") == ["nosniff"]
