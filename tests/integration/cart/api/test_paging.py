"""Every list is read page by page: `next` is the `after` of the page that follows, and nothing comes twice or never."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.cart.shop import Shop, Visitor, done, refused


async def all_pages(visitor: Visitor, path: str, member: str, limit: int = 2) -> list[Any]:
    """What the pages hold, in their order; each but the last is full."""
    found: list[Any] = []
    after, mark = "", "&" if "?" in path else "?"
    while True:
        page = done(await visitor.ask("GET", f"{path}{mark}limit={limit}{after}"))
        found += page[member]
        if page["next"] is None:
            return found
        assert len(page[member]) == limit
        after = f"&after={quote(page['next'])}"


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5])
async def test_a_customer_s_carts_are_read_page_by_page(shop: Shop, number: int):
    """Story: of a customer with more than fifty carts nobody could see the first."""
    anna, server = shop.customer("anna"), shop.server()
    for order in range(number):
        await anna.add("tea")
        await server.order(str(order), customer_id="anna")
    found = await all_pages(server, "/carts?customer_id=anna", "carts")
    whole = done(await server.ask("GET", "/carts?customer_id=anna"))
    assert (found, None) == (whole["carts"], whole["next"])
    assert len({cart["id"] for cart in found}) == number


async def test_receipts_are_read_page_by_page_newest_first(shop: Shop):
    anna = shop.customer("anna")
    for sku in ("tea", "jam", "cup"):
        guest = await shop.guest()
        await guest.add(sku)
        await anna.claim(guest)
    found = await all_pages(anna, "/cart/merges", "merges")
    assert [receipt["lines"][0]["sku"] for receipt in found] == ["cup", "jam", "tea"]
    told = await all_pages(shop.server(), "/customers/anna/merges", "merges")
    assert told == [receipt | {"can_be_undone": True} for receipt in found]


async def test_keys_names_and_the_audit_are_read_page_by_page(shop: Shop):
    server = shop.server()
    for name in ("till", "erp", "żabka & co"):
        done(await server.ask("POST", "/keys", {"name": name, "scopes": ["orders:write"]}), 201)
        done(await server.ask("PUT", f"/customers/anna/identities/{quote(name)}"))
    keys = await all_pages(server, "/keys", "keys")
    assert keys == done(await server.ask("GET", "/keys"))["keys"]
    assert {key["name"] for key in keys} == {"till", "erp", "żabka & co"}
    names = await all_pages(server, "/customers/anna/identities", "identities", limit=1)
    assert sorted(names) == ["erp", "till", "żabka & co"]
    audit = await all_pages(server, "/audit", "entries")
    assert audit == done(await server.ask("GET", "/audit"))["entries"]
    assert len({entry["audit_id"] for entry in audit}) == len(audit) >= 6


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "after=x", "customer_id="])
async def test_a_page_that_can_not_be_is_refused(shop: Shop, query: str):
    path = "/carts" if "customer_id" in query else "/carts?customer_id=anna"
    refused(await shop.server().ask("GET", f"{path}{'&' if '?' in path else '?'}{query}"), 422, "invalid-request")


async def test_a_large_cart_travels_compressed_and_a_look_with_its_link_does_not(shop: Shop):
    anna, server = shop.customer("anna"), shop.server()
    cart: Any = {}
    for number in range(20):
        cart = await anna.add(f"tea-{number}")
    answer = await anna.ask("GET", "/cart", Accept_Encoding="gzip")
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert len(done(answer)["lines"]) == 20
    look = await server.ask("GET", f"/carts/{cart['id']}", Accept_Encoding="gzip")
    assert "content-encoding" not in look.headers
    assert "recovery_url" in done(look)
    # the tag is of the state, however it travels: who insists on it is understood
    done(await anna.ask("PATCH", "/cart", {"attributes": {"a": "b"}}, If_Match=answer.headers["etag"]))
