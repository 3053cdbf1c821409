"""Saved for later, notes and attributes, as devices meet them."""

import asyncio

from libs.contracts.events import CartClaimed, CartDetailsSet
from tests.integration.cart.shop import Shop, done, held, refused


async def test_a_line_is_set_aside_on_one_device_and_taken_back_on_another(shop: Shop):
    phone, laptop = shop.customer(), shop.elsewhere(shop.customer())
    cart = await phone.add("tea", 2)
    line_id = cart["lines"][0]["line_id"]
    saved = done(await phone.ask("POST", f"/cart/lines/{line_id}/save"))
    assert (saved["lines"], saved["units"], saved["total"], saved["currency"]) == ([], 0, 0, None)
    assert held({"lines": (await laptop.cart())["saved"]}) == {"tea": 2}
    back = done(await laptop.ask("POST", f"/cart/saved/{line_id}/restore"))
    assert (held(back), back["saved"], back["total"]) == ({"tea": 2}, [], 1000)
    assert await shop.told() == ["cart.line_added", "cart.line_removed", "cart.line_added"]
    refused(await phone.ask("POST", f"/cart/saved/{line_id}/restore"), 404, "unknown-line")


async def test_a_retried_save_is_one_save(shop: Shop):
    anna = shop.customer()
    line_id = (await anna.add("tea"))["lines"][0]["line_id"]
    calls = [shop.elsewhere(anna, n % 2).ask("POST", f"/cart/lines/{line_id}/save") for n in range(6)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    assert len((await anna.cart())["saved"]) == 1
    done(await anna.ask("DELETE", f"/cart/saved/{line_id}"))
    done(await anna.ask("DELETE", f"/cart/saved/{line_id}"))
    assert await shop.told() == ["cart.line_added", "cart.line_removed", "cart.details_set"]


async def test_what_is_saved_outlives_the_order(shop: Shop):
    anna = shop.customer()
    await anna.add("tea")
    line_id = (await anna.add("milk"))["lines"][1]["line_id"]
    done(await anna.ask("POST", f"/cart/lines/{line_id}/save"))
    answer = await shop.server().order("o-1", customer_id="anna")
    cart = await shop.elsewhere(anna).cart()
    assert ([cart["id"]], held({"lines": cart["saved"]}), cart["lines"]) == (answer["next_carts"], {"milk": 1}, [])


async def test_a_note_and_attributes_are_kept_with_the_cart_and_out_of_events(shop: Shop):
    anna = shop.customer()
    line_id = (await anna.add("cup"))["lines"][0]["line_id"]
    cart = done(await anna.ask("PATCH", f"/cart/lines/{line_id}", {"note": "Engrave: Ben"}))
    assert cart["lines"][0]["note"] == "Engrave: Ben"
    cart = done(await anna.ask("PATCH", "/cart", {"attributes": {"utm_source": "letter", "channel": "app"}}))
    cart = done(await shop.elsewhere(anna).ask("PATCH", "/cart", {"attributes": {"channel": None}}))
    assert cart["attributes"] == {"utm_source": "letter"}
    assert (await anna.cart())["attributes"] == {"utm_source": "letter"}
    rows = await shop.pool.fetch("SELECT value FROM outbox")
    assert not any(b"Ben" in row["value"] or b"letter" in row["value"] for row in rows)
    refused(await anna.ask("PATCH", "/cart", {"attributes": {"a" * 101: "x"}}), 422, "invalid-request")
    refused(await anna.ask("PATCH", f"/cart/lines/{line_id}", {"note": "x" * 501}), 422, "invalid-request")


async def test_money_is_told_with_its_exponent(shop: Shop):
    yen, dinar = await shop.guest(), await shop.guest()
    assert (await yen.add("tea", more={"currency": "JPY", "price": 480}))["exponent"] == 0
    assert (await dinar.add("tea", 3, more={"currency": "KWD", "price": 1250}))["exponent"] == 3
    cart = await dinar.cart()
    assert (cart["exponent"], cart["total"], cart["lines"][0]["total"]) == (3, 3750, 3750)


async def test_a_note_after_an_hour_does_not_cancel_what_it_does_not_restart(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    await anna.add("jam")
    line = cart["lines"][0]["line_id"]
    done(await anna.ask("PATCH", f"/cart/lines/{line}", {"note": "a gift"}))
    look = await shop.server().look(cart["id"])
    assert (look["cart"]["version"], look["goods_version"]) == (3, 2)
    last = (await shop.events())[-1]
    assert isinstance(last, CartDetailsSet)
    assert (last.cart_version, last.goods_version, last.changed) == (3, 2, ("notes",))
    await shop.elsewhere(anna).add("jam")
    assert (await shop.server().look(cart["id"]))["goods_version"] == 4


async def test_a_guest_who_logs_in_keeps_the_clock_of_the_cart(shop: Shop):
    guest = await shop.guest()
    cart = await guest.add("tea")
    await shop.customer().claim(guest)
    assert (await shop.server().look(cart["id"]))["goods_version"] == 1
    last = (await shop.events())[-1]
    assert isinstance(last, CartClaimed)
    assert last.changed == ("owner",)


async def test_a_row_of_an_older_release_has_the_version_of_its_goods(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    await anna.add("tea")
    await shop.pool.execute("UPDATE carts SET goods_version = NULL")
    assert (await shop.server().look(cart["id"]))["goods_version"] == 2
    line = cart["lines"][0]["line_id"]
    done(await shop.elsewhere(anna).ask("PATCH", f"/cart/lines/{line}", {"note": "a gift"}))
    assert (await shop.server().look(cart["id"]))["goods_version"] == 2
