"""Everything that is held on a customer in one document, in the shape that the OpenAPI document says."""

import pytest

from services.cart.api.schemas.privacy import CustomerExport
from services.cart.handlers import exports
from tests.integration.cart.handlers.test_erasure import CONTACT, a_life
from tests.integration.cart.shop import Shop, done, refused


async def test_an_export_holds_everything_that_an_erasure_would_take(shop: Shop):
    server, _ = await a_life(shop)
    answer = await server.ask("GET", "/customers/card-7/export")
    found = done(answer)
    CustomerExport.model_validate_json(answer.content)
    assert answer.headers["cache-control"] == "no-store"
    assert (found["customer_id"], [one["identity"] for one in found["identities"]]) == ("anna", ["card-7"])
    assert CONTACT.items() <= found["profiles"][0].items()
    carts = {cart["id"]: cart for cart in found["carts"]}
    assert len(carts) == len(found["carts"]) == await shop.count("carts") == 3
    assert sorted(cart["status"] for cart in carts.values()) == ["active", "merged", "ordered"]
    assert [order["order_id"] for order in found["orders"]] == ["o-1"]
    (ordered,) = [cart for cart in carts.values() if cart["status"] == "ordered"]
    assert ordered["attributes"] == {"for": "anna@mail.test"}
    assert ordered["merges"][0]["receipt"]["from_cart_id"] in carts
    assert ordered["merges"][0]["undoing"]["guest"]["lines"][0]["sku"] == "tea"


async def test_a_customer_of_many_carts_comes_page_by_page(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "PAGE", 2)
    server, anna = shop.server(), shop.customer("anna")
    for number in range(5):
        await anna.add("tea")
        await server.order(f"o-{number}", customer_id="anna")
    guest = await shop.guest()
    await guest.add("jam")
    await server.order("o-guest", customer_id="anna", cart_token=guest.headers["X-Cart-Token"])
    found = done(await server.ask("GET", "/customers/anna/export"))
    assert sorted(order["order_id"] for order in found["orders"]) == ["o-0", "o-1", "o-2", "o-3", "o-4", "o-guest"]
    assert sorted(cart["order_id"] for cart in found["carts"]) == ["o-0", "o-1", "o-2", "o-3", "o-4", "o-guest"]


async def test_nothing_is_known_of_somebody_else(shop: Shop):
    server, _ = await a_life(shop)
    done(await server.ask("PUT", "/customers/ben/profile", {"email": "ben@mail.test"}))
    for server_of, path in ((server, "/customers/ben/export"), (server, "/customers/nobody/export")):
        text = (await server_of.ask("GET", path)).text
        assert "anna" not in text
        assert "card-7" not in text
    other = shop.server(key="sk_test_of_the_other_store_0123", store="other")
    found = done(await other.ask("GET", "/customers/anna/export"))
    assert (found["carts"], found["orders"], found["profiles"], found["identities"]) == ([], [], [], [])
    refused(await shop.customer("anna").ask("GET", "/customers/anna/export"), 403, "forbidden")
