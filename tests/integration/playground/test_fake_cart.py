"""What the playground's tests take for the cart service answers as the cart service does, as far as the pages ask."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.postgres.pool import open_pool
from services.cart.main import MIGRATIONS
from tests.integration.cart.shop import LINE, SECRET_KEY, Shop, customer_token, done
from tests.integration.playground.fake_cart import FakeCart

ANNA = {"Authorization": f"Bearer {customer_token('anna')}"}
SERVER = {"Authorization": f"Bearer {SECRET_KEY}"}
SHOWN = ("version", "currency", "units", "total", "status", "customer_id")
"""What the pages show of a cart, beside its id and its lines."""


@pytest.fixture(params=["fake", "real"])
async def http(
    request: pytest.FixtureRequest, make_database: Callable[[Path], str]
) -> AsyncIterator[httpx.AsyncClient]:
    """The API of a store, of the stand-in and of the service."""
    pool = await open_pool(make_database(MIGRATIONS)) if request.param == "real" else None
    app = Shop.open(pool, replicas=1).apps[0] if pool else FakeCart().app()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://cart.test/v1/stores/shop") as client:
        yield client
    if pool:
        pool.terminate()


async def guest(http: httpx.AsyncClient) -> dict[str, str]:
    token = done(await http.post("/cart/token"), 201)["cart_token"]
    assert token.startswith("g1_")
    return {"X-Cart-Token": token}


async def add(http: httpx.AsyncClient, who: dict[str, str], sku: str = "tea", quantity: int = 1) -> Any:
    return done(await http.post("/cart/lines", json=LINE | {"sku": sku, "quantity": quantity}, headers=who))


def held(cart: Any) -> list[tuple[str, int, int]]:
    return [(line["sku"], line["quantity"], line["total"]) for line in cart["lines"]]


async def test_a_cart_that_nobody_has_begun_is_empty(http: httpx.AsyncClient) -> None:
    cart = done(await http.get("/cart", headers=ANNA))
    assert (cart["id"], held(cart)) == (None, [])
    assert [cart[name] for name in SHOWN] == [0, None, 0, 0, "active", "anna"]


async def test_lines_are_added_up_set_removed_and_cleared(http: httpx.AsyncClient) -> None:
    who = await guest(http)
    await add(http, who)
    cart = await add(http, who, quantity=2)
    assert held(cart) == [("tea", 3, 1500)]
    assert [cart[name] for name in SHOWN] == [2, "EUR", 3, 1500, "active", None]
    line = f"/cart/lines/{cart['lines'][0]['line_id']}"
    assert held(done(await http.put(line, json={"quantity": 5}, headers=who))) == [("tea", 5, 2500)]
    assert held(await add(http, who, "jam")) == [("tea", 5, 2500), ("jam", 1, 500)]
    assert held(done(await http.delete(line, headers=who))) == [("jam", 1, 500)]
    assert held(done(await http.delete("/cart/lines", headers=who))) == []
    assert held(done(await http.get("/cart", headers=who))) == []


async def test_a_guests_cart_follows_the_customer_who_logs_in(http: httpx.AsyncClient) -> None:
    who = await guest(http)
    cart = await add(http, who)
    answer = done(await http.post("/cart/claim", json={"cart_token": who["X-Cart-Token"]}, headers=ANNA))
    assert held(answer["cart"]) == [("tea", 1, 500)]
    assert (answer["merge"]["claimed"], answer["merge"]["from_cart_id"]) == (True, cart["id"])
    assert held(done(await http.get("/cart", headers=ANNA))) == [("tea", 1, 500)]
    assert held(done(await http.get("/cart", headers=who))) == []


async def test_an_order_of_a_cart_closes_it(http: httpx.AsyncClient) -> None:
    cart = await add(http, ANNA)
    order = {"order_id": "1", "customer_id": "anna", "cart_id": cart["id"]}
    answer = done(await http.post("/orders", json=order, headers=SERVER), 201)
    assert (answer["order_id"], answer["closed_carts"]) == ("1", [cart["id"]])
    assert held(done(await http.get("/cart", headers=ANNA))) == []


async def test_levels_are_taken_in(http: httpx.AsyncClient) -> None:
    body = {"levels": [{"sku": "tea", "available": 3}]}
    assert (await http.post("/inventory", json=body, headers=SERVER)).status_code == 200


async def test_a_profile_is_told_after_it_was_set_and_not_before(http: httpx.AsyncClient) -> None:
    asked = await http.get("/customers/anna/profile", headers=SERVER)
    assert (asked.status_code, asked.json()["type"].rpartition(":")[2]) == (404, "unknown-customer")
    profile = {"email": "anna@example.com", "locale": "en", "email_consent": True, "sms_consent": False}
    done(await http.put("/customers/anna/profile", json=profile, headers=SERVER))
    told = done(await http.get("/customers/anna/profile", headers=SERVER))
    assert {name: told[name] for name in profile} == profile


async def test_a_link_that_opens_nothing_is_a_problem_document(http: httpx.AsyncClient) -> None:
    answer = await http.get("http://cart.test/v1/recovery/r1_nothing")
    assert answer.status_code in (404, 410)
    assert answer.json()["type"].startswith("urn:evercart:problem:")
