"""Prices that a store tells, page by page and server by server, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import LineAdded
from tests.integration.cart.shop import Shop, Visitor, done, refused

M, L = {"size": "M"}, {"size": "L", "colour": "red"}


async def tell(shop: Shop, price: int, sku: str = "tea", **more: Any) -> Any:
    return done(await shop.server().ask("PUT", f"/prices/{sku}", {"price": price, "currency": "EUR"} | more))


def prices(cart: Any) -> list[tuple[int, int, int]]:
    return [(line["price"], line["quantity"], line["total"]) for line in cart["lines"]]


def notices(cart: Any) -> list[tuple[str, int, int]]:
    return [(one["kind"], one["before"], one["after"]) for one in cart.get("notices") or []]


async def set_price(shop: Shop, cart: Any, price: int | None, **headers: str) -> Any:
    body = {"price": price, "currency": "EUR"}
    at = f"/carts/{cart['id']}/lines/{cart['lines'][0]['line_id']}/price"
    return done(await shop.server().ask("PUT", at, body, **headers))


async def test_a_told_price_is_taken_whatever_the_page_asks(shop: Shop):
    """Story: somebody set the price to 1 in the browser's own tools, and the checkout believed the cart."""
    shop.change_store(prices="told")
    await tell(shop, 500)
    anna = shop.customer()
    cart = await anna.add("tea", 2, more={"price": 1}, Idempotency_Key="k1")
    assert (prices(cart), notices(cart)) == ([(500, 2, 1000)], [("price_taken", 1, 500)])
    assert await anna.add("tea", 2, more={"price": 1}, Idempotency_Key="k1") == cart
    assert notices(await anna.cart()) == []
    cart = await shop.elsewhere(anna).add("tea", 1)
    assert (prices(cart), notices(cart)) == ([(500, 3, 1500)], [])
    cart = await anna.add("jam", 1, more={"price": 7})
    assert (prices(cart)[1], notices(cart)) == ((7, 1, 7), [])
    added = [event for event in await shop.events() if isinstance(event, LineAdded)]
    assert [(event.asked_price, event.total) for event in added] == [(1, 1000), (None, 1500), (None, 1507)]


async def test_more_of_a_line_and_what_comes_back_cost_what_is_told_now(shop: Shop):
    shop.change_store(prices="told")
    anna = shop.customer()
    await tell(shop, 500)
    cart = await anna.add("tea", 2)
    await tell(shop, 600)
    assert notices(await anna.cart()) == [("price_changed", 500, 600)]
    at = f"/cart/lines/{cart['lines'][0]['line_id']}"
    assert prices(done(await anna.ask("PUT", at, {"quantity": 1}))) == [(500, 1, 500)]
    cart = done(await anna.ask("PUT", at, {"quantity": 3}))
    assert (prices(cart), notices(cart)) == ([(600, 3, 1800)], [("price_changed", 500, 600)])
    assert notices(await anna.cart()) == []
    done(await anna.ask("POST", f"{at}/save"))
    await tell(shop, 700)
    cart = done(await anna.ask("POST", f"/cart/saved/{cart['lines'][0]['line_id']}/restore"))
    assert (prices(cart), notices(cart)) == ([(700, 3, 2100)], [("price_changed", 600, 700)])


async def test_a_copy_and_a_log_in_bring_no_other_price(shop: Shop):
    shop.change_store(prices="told")
    anna, guest = shop.customer(), await shop.guest()
    await tell(shop, 500)
    await guest.add("tea", 2)
    link = done(await guest.ask("POST", "/cart/share"), 201)
    await tell(shop, 600)
    copied = done(await anna.ask("POST", "/cart/copy", {"share_token": link["share_token"]}))["cart"]
    assert (prices(copied), notices(copied)) == ([(600, 2, 1200)], [("price_changed", 500, 600)])
    await tell(shop, 650)
    await anna.claim(guest, "sum")
    assert prices(await anna.cart()) == [(650, 4, 2600)]


async def test_in_a_shop_that_trusts_its_pages_the_store_tells_which_page_is_stale(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 3, more={"price": 450})
    cart = await anna.add("tea", 1, more={"price": 500})
    assert (prices(cart), notices(cart)) == ([(500, 4, 2000)], [("price_changed", 450, 500)])
    await tell(shop, 500)
    cart = await shop.elsewhere(anna).add("tea", 1, more={"price": 450})
    assert (prices(cart), notices(cart)) == ([(500, 5, 2500)], [("price_taken", 450, 500)])
    cart = await anna.add("milk", 1, more={"price": 9})
    assert prices(cart)[1] == (9, 1, 9)


async def test_a_price_that_was_told_before_the_line_came_is_noticed(shop: Shop):
    """Story: the page was cached since yesterday; nobody heard that it showed yesterday's price until the checkout."""
    await tell(shop, 600)
    shop.clock.forward(timedelta(hours=1))
    anna = shop.customer()
    await anna.add("tea", 2)
    assert notices(await anna.cart()) == [("price_changed", 500, 600)]


@pytest.mark.parametrize("bulk", [False, True])
async def test_the_most_specific_price_counts(shop: Shop, bulk: bool):
    shop.change_store(prices="told")
    told = [(500, {}), (550, M), (600, {"size": "L"}), (650, L), (700, {"colour": "blue"})]
    if bulk:
        rows = [{"sku": "tea", "price": price, "currency": "EUR", "options": options} for price, options in told]
        answer = done(await shop.server().ask("POST", "/prices", {"prices": rows}))
        assert (answer["accepted"], answer["changed"]) == (5, 1)
    else:
        for price, options in told:
            assert (await tell(shop, price, options=options))["changed"] == 1
            assert (await tell(shop, price, options=options))["changed"] == 0
    anna = shop.customer()
    chosen: tuple[dict[str, str], ...] = (
        {},
        M,
        {"size": "L"},
        L,
        {"size": "XL"},
        {"size": "M", "colour": "green"},
        {"size": "L", "colour": "blue"},
    )
    for options in chosen:
        cart = await anna.add("tea", more={"options": options, "price": 1})
    found = [price for price, _, _ in prices(cart)]
    assert found[:6] == [500, 550, 600, 650, 500, 550]
    assert found[6] in (600, 700)
    assert notices(await anna.cart()) == []
    await tell(shop, 555, options=M)
    assert notices(await anna.cart()) == [("price_changed", 550, 555)] * 2


async def test_prices_of_options_have_sequences_of_their_own(shop: Shop):
    assert (await tell(shop, 500, options=M, sequence=7))["changed"] == 1
    assert (await tell(shop, 400, options=M, sequence=6))["stale"] == 1
    assert (await tell(shop, 300, options=L, sequence=1))["changed"] == 1
    assert (await tell(shop, 450, sequence=1))["changed"] == 1
    assert (await tell(shop, 350, options=M, sequence=8))["changed"] == 1
    found = await shop.pool.fetch("SELECT options ->> 'size' AS size, price, version FROM option_prices ORDER BY price")
    assert [tuple(row) for row in found] == [("L", 300, 1), ("M", 350, 2)]
    assert await shop.pool.fetchval("SELECT price FROM prices") == 450


async def test_a_store_that_tells_prices_of_options_alone_is_heard(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", more={"options": M})
    await tell(shop, 550, options=M)
    assert notices(await anna.cart()) == [("price_changed", 500, 550)]


async def test_a_server_sets_the_price_of_a_line(shop: Shop):
    shop.change_store(prices="told")
    anna = shop.customer()
    await tell(shop, 500)
    cart = await anna.add("tea", 2)
    offered = await set_price(shop, cart, 390, Idempotency_Key="offer-1")
    assert (prices(offered), offered["lines"][0]["fixed_price"], offered["version"]) == ([(390, 2, 780)], True, 2)
    assert await set_price(shop, cart, 390, Idempotency_Key="offer-1") == offered
    assert (await set_price(shop, cart, 390))["version"] == 2
    assert notices(await anna.cart()) == []
    cart = await anna.add("tea", 1, more={"price": 500})
    assert (prices(cart), notices(cart)) == ([(390, 3, 1170)], [("price_taken", 500, 390)])
    last = (await shop.events())[-2]
    assert (last.type, last.changed, last.goods_version) == ("cart.details_set", ("prices",), 1)  # type: ignore[attr-defined]
    free = await set_price(shop, cart, None)
    assert (prices(free), free["lines"][0]["fixed_price"]) == ([(500, 3, 1500)], False)


async def test_a_server_that_insists_on_a_cart_prices_no_other_one(shop: Shop):
    """Story: an offer for ten pieces came a moment after the shopper had put back nine of them."""
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 10)
    seen = (await anna.ask("GET", "/cart")).headers["etag"]
    at = f"/cart/lines/{cart['lines'][0]['line_id']}"
    done(await anna.ask("PUT", at, {"quantity": 1}))
    body = {"price": 100, "currency": "EUR"}
    price = f"/carts/{cart['id']}/lines/{cart['lines'][0]['line_id']}/price"
    refused(await server.ask("PUT", price, body, If_Match=seen), 412, "version-conflict")
    assert prices(await anna.cart()) == [(500, 1, 500)]
    now = (await anna.ask("GET", "/cart")).headers["etag"]
    assert prices(await set_price(shop, cart, 450, If_Match=now)) == [(450, 1, 450)]


@pytest.mark.parametrize("known", [True, False])
async def test_the_kept_answer_to_a_price_goes_with_its_customer(shop: Shop, known: bool):
    """Story: for a day after an erasure the whole cart still stood beside a server's Idempotency-Key."""
    anna = shop.customer()
    shopper = anna if known else await shop.guest()
    cart = await shopper.add("tea", 2, more={"options": {"engraving": "Anna Secret"}})
    await set_price(shop, cart, 390, Idempotency_Key="offer-1")
    if not known:
        await anna.claim(shopper)
    done(await shop.server().ask("POST", "/customers/anna/erasure"), 202)
    assert await shop.count("keys") == 0


async def test_a_server_sets_no_price_where_there_is_none_to_set(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    line = cart["lines"][0]["line_id"]
    body = {"price": 1, "currency": "EUR"}

    def at(cart_id: str, line_id: str) -> str:
        return f"/carts/{cart_id}/lines/{line_id}/price"

    refused(await server.ask("PUT", at(line, line), body), 404, "unknown-cart")
    refused(await server.ask("PUT", at(cart["id"], cart["id"]), body), 404, "unknown-line")
    refused(await server.ask("PUT", at(cart["id"], line), body | {"currency": "PLN"}), 409, "currency-mismatch")
    for wrong in ({}, {"price": 1}, {"price": -1, "currency": "EUR"}, {"price": 1.5, "currency": "EUR"}):
        assert (await server.ask("PUT", at(cart["id"], line), wrong)).status_code == 422
    stranger: Visitor = shop.server("sk_test_of_the_other_store_0123", "other")
    refused(await stranger.ask("PUT", at(cart["id"], line), body), 404, "unknown-cart")
    assert (await anna.ask("PUT", at(cart["id"], line), body)).status_code in (401, 403)
    await server.order("1", customer_id="anna")
    refused(await server.ask("PUT", at(cart["id"], line), body), 404, "unknown-cart")
