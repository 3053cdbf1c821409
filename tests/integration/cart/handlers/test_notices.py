"""Prices and stock that moved since a customer last looked: told on each device until it has seen them."""

from datetime import timedelta
from typing import Any

import pytest

from services.cart.db import cart_views
from tests.integration.cart.shop import Shop, Visitor, done, refused


async def prices(shop: Shop, sku: str, price: int, currency: str = "EUR") -> Any:
    return done(await shop.server().ask("PUT", f"/prices/{sku}", {"price": price, "currency": currency}))


async def kinds(who: Visitor, device: str = "phone") -> list[tuple[str, str, int, int]]:
    cart = done(await who.ask("GET", "/cart", X_Device=device))
    return [(one["kind"], one["sku"], one["before"], one["after"]) for one in cart.get("notices", [])]


async def test_a_moved_price_is_told_on_each_device_until_it_was_seen_there(shop: Shop):
    anna = shop.customer()
    await prices(shop, "tea", 500)
    await anna.add("tea", 2)
    assert await kinds(anna) == []
    shop.clock.forward(timedelta(minutes=5))
    await prices(shop, "tea", 450)
    await prices(shop, "tea", 2000, "PLN")
    assert await kinds(anna) == await kinds(shop.elsewhere(anna), "laptop") == [("price_changed", "tea", 500, 450)]
    cart = done(await anna.ask("GET", "/cart", X_Device="phone"))
    seen = {"notice_ids": [one["notice_id"] for one in cart["notices"]]}
    assert "notices" not in done(await anna.ask("POST", "/cart/notices/ack", seen, X_Device="phone"))
    assert await kinds(anna) == []
    assert await kinds(anna, "laptop") == [("price_changed", "tea", 500, 450)]
    shop.clock.forward(timedelta(minutes=5))
    await prices(shop, "tea", 400)
    assert await kinds(anna) == [("price_changed", "tea", 500, 400)]


async def test_what_is_sold_out_or_short_is_told_while_it_is_so(shop: Shop):
    guest, server = await shop.guest(), shop.server()
    await guest.add("tea", 3)
    await guest.add("milk")
    await server.level("tea", 2)
    await server.level("milk", 0)
    assert await kinds(guest) == [("low_stock", "tea", 3, 2), ("out_of_stock", "milk", 1, 0)]
    await server.level("tea", 3)
    assert await kinds(guest) == [("out_of_stock", "milk", 1, 0)]


async def test_the_first_price_or_level_that_a_store_tells_is_heard_by_every_replica(shop: Shop):
    for who in (shop.customer(), await shop.guest()):
        await who.add("tea", 3)
        there = shop.elsewhere(who)
        assert await kinds(who) == await kinds(there) == []
    guest, shops = who, [who, there]
    await shop.server().level("tea", 2)
    for one in (*shops, shop.customer(), shop.customer(replica=1)):
        assert await kinds(one) == [("low_stock", "tea", 3, 2)]
    other = await shop.guest(store="other")
    await other.add("tea")
    assert await kinds(other) == []
    assert await kinds(guest) == [("low_stock", "tea", 3, 2)]


async def test_a_read_is_one_statement_unless_there_may_be_something_to_tell(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []

    def noted(name: str) -> None:
        statement = getattr(cart_views, name)

        async def ask(*arguments: Any) -> Any:
            asked.append(name)
            return await statement(*arguments)

        monkeypatch.setattr(cart_views, name, ask)

    noted("read")
    noted("read_with_notices")
    anna = shop.customer()
    await kinds(anna)
    await anna.add("tea")
    await kinds(anna)
    assert asked == ["read"] * 2
    await shop.server().level("milk", 5)
    await kinds(anna)
    assert asked == [*["read"] * 3, "read_with_notices"], "the store tells levels: the process knows from now on"
    await kinds(anna)
    assert asked == [*["read"] * 3, *["read_with_notices"] * 2]


async def test_reading_notices_writes_nothing_and_they_change_the_entity_tag(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 3)
    before = await anna.ask("GET", "/cart")
    await shop.server().level("tea", 1)
    written = await shop.pool.fetchval("SELECT xmin::text FROM carts")
    after = await anna.ask("GET", "/cart", If_None_Match=before.headers["etag"])
    assert after.status_code == 200, "what is told is news"
    again = await anna.ask("GET", "/cart", If_None_Match=after.headers["etag"])
    assert again.status_code == 304
    assert await shop.pool.fetchval("SELECT xmin::text FROM carts") == written
    assert await shop.count("outbox") == 2
    # whoever insists on the cart insists on the cart, not on what was told of it
    line = f"/cart/lines/{after.json()['lines'][0]['line_id']}"
    done(await anna.ask("PUT", line, {"quantity": 1}, If_Match=after.headers["etag"]))
    refused(await anna.ask("PUT", line, {"quantity": 2}, If_Match=after.headers["etag"]), 412, "version-conflict")


async def test_acknowledging_what_is_not_told_keeps_nothing(shop: Shop):
    anna = shop.customer()
    unknown = {"notice_ids": ["00000000-0000-4000-8000-000000000000"]}
    assert done(await anna.ask("POST", "/cart/notices/ack", unknown))["id"] is None
    await anna.add("tea")
    done(await anna.ask("POST", "/cart/notices/ack", unknown))
    assert await shop.pool.fetchval("SELECT count(*) FROM notice_acks") == 0


async def test_prices_come_in_bulk_and_only_changes_count(shop: Shop):
    server = shop.server()
    body = {"prices": [{"sku": f"sku-{n}", "price": n, "currency": "EUR"} for n in range(1000)]}
    assert done(await server.ask("POST", "/prices", body))["changed"] == 1000
    body["prices"][7]["price"] = 8
    assert done(await server.ask("POST", "/prices", body))["changed"] == 1
    twice = {"prices": [body["prices"][0]] * 2}
    again = done(await server.ask("POST", "/prices", twice))
    assert (again["accepted"], again["changed"]) == (2, 0)
    refused(await shop.customer().ask("POST", "/prices", body), 403, "forbidden")


async def test_what_a_log_in_merged_or_set_aside_is_told_on_the_other_devices(shop: Shop):
    anna, guest = shop.customer(), await shop.guest()
    await anna.add("tea")
    await guest.add("tea", 3)
    await guest.add("jam", more={"options": {"size": "M"}})
    await anna.claim(guest)
    assert await kinds(shop.elsewhere(anna), "laptop") == [("line_merged", "tea", 1, 3), ("line_merged", "jam", 0, 1)]
    other = await shop.guest()
    await other.add("milk", 2, more={"currency": "PLN"})
    await anna.claim(other)
    assert await kinds(anna, "laptop") == [("line_moved", "milk", 2, 0)]
    cart = done(await anna.ask("GET", "/cart", X_Device="laptop"))
    seen = {"notice_ids": [one["notice_id"] for one in cart["notices"]]}
    done(await anna.ask("POST", "/cart/notices/ack", seen, X_Device="laptop"))
    assert await kinds(anna, "laptop") == []


async def test_a_guests_cart_that_became_the_customers_own_is_no_news(shop: Shop):
    anna, guest = shop.customer(), await shop.guest()
    await guest.add("tea", 3)
    await anna.claim(guest)
    assert await kinds(anna) == []
