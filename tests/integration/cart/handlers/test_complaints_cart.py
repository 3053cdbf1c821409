"""What users of other carts complain of between log-ins: each story ends well here. The thread is in the docstring."""

import asyncio

import pytest

from services.cart.db import cart_views
from tests.integration.cart.shop import LINE, Shop, Visitor, done, held, refused


@pytest.mark.parametrize("first", [True, False], ids=["into no cart yet", "into a cart"])
async def test_three_quick_adds_that_were_all_answered_200_are_three_lines(shop: Shop, first: bool):
    """shopware#8724: one of them was lost."""
    guest = await shop.guest()
    if not first:
        await guest.add("tea")
    calls = [shop.elsewhere(guest, n % 2).ask("POST", "/cart/lines", LINE | {"sku": f"sku-{n}"}) for n in range(3)]
    answers = await asyncio.gather(*calls)
    assert [answer.status_code for answer in answers] == [200] * 3
    assert {"sku-0": 1, "sku-1": 1, "sku-2": 1}.items() <= held(await guest.cart()).items()
    assert await shop.count("active") == 1


async def test_three_quick_taps_on_one_product_are_three_units(shop: Shop):
    """shopware#8724, with the same product: adds are deltas, none overwrites another."""
    anna = shop.customer()
    await asyncio.gather(*(shop.elsewhere(anna, n % 2).add("tea") for n in range(3)))
    assert held(await anna.cart()) == {"tea": 3}


async def test_a_slow_read_never_writes_an_old_cart_back(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """woocommerce#11062: a page that was slow to render stored the cart as it had been when the page was asked for."""
    anna, slow = shop.customer(), shop.elsewhere(shop.customer())
    await anna.add("tea")
    read, has_read, go_on = cart_views.read, asyncio.Event(), asyncio.Event()

    async def slowly(*arguments):
        row = await read(*arguments)
        has_read.set()
        await go_on.wait()
        return row

    with monkeypatch.context() as patched:
        patched.setattr(cart_views, "read", slowly)
        reading = asyncio.create_task(slow.cart())
        async with asyncio.timeout(20):
            await has_read.wait()
        added = await anna.add("jam")
        written = await shop.pool.fetchval("SELECT xmin::text FROM carts")
        go_on.set()
        assert held(await reading) == {"tea": 1}
    assert held(await slow.cart()) == {"tea": 1, "jam": 1}
    assert (await anna.cart())["version"] == added["version"]
    assert await shop.pool.fetchval("SELECT xmin::text FROM carts") == written


async def test_what_is_added_while_the_order_is_placed_is_in_the_next_cart(shop: Shop):
    """opentelemetry-demo#3824: it disappeared with the cart that was ordered."""
    phone, laptop, server = shop.customer(), shop.elsewhere(shop.customer()), shop.server()
    priced = await laptop.add("tea", 2)
    await phone.add("jam")
    order = {"customer_id": "anna", "cart_id": priced["id"], "cart_version": priced["version"], "total": 1000}
    answer, _ = await asyncio.gather(server.order("o-1", **order), phone.add("milk"))
    assert held((await server.look(priced["id"]))["cart"]) == {"tea": 2}
    assert held(await laptop.cart()) == held(await phone.cart()) == {"jam": 1, "milk": 1}
    assert (await phone.cart())["id"] in answer["next_carts"]


async def test_the_same_product_from_two_pages_stands_once_and_with_other_options_twice(shop: Shop):
    """unchained#478, magento2#21375: the page from which it was added made another line of it."""
    guest = await shop.guest()
    await guest.add("shirt", more={"url": "https://shop.test/sale", "options": {"size": "M", "colour": "red"}})
    await guest.add("shirt", more={"url": "https://shop.test/new", "options": {"colour": "red", "size": "M"}})
    cart = await guest.add("shirt", more={"url": "https://shop.test/new", "options": {"size": "L", "colour": "red"}})
    assert [(line["options"]["size"], line["quantity"]) for line in cart["lines"]] == [("M", 2), ("L", 1)]


async def test_the_link_in_the_reminder_opens_that_cart_on_a_device_that_has_never_seen_the_shop(shop: Shop):
    """woocommerce-abandoned-cart#483, mc-magento2#1939, webstore#72: a private window, a cache or another device
    opened an empty cart.
    """
    anna = shop.customer()
    cart = await anna.add("tea")
    url: str = (await shop.server().look(cart["id"]))["recovery_url"]
    stranger = Visitor(shop.clients[1], {})
    first = await stranger.ask("GET", "/v1/recovery/" + url.rsplit("/", 1)[1])
    assert (held(done(first)), first.headers["cache-control"]) == ({"tea": 1}, "no-store")
    await anna.add("jam")
    again = await stranger.ask("GET", "/v1/recovery/" + url.rsplit("/", 1)[1])
    assert held(done(again)) == {"tea": 1, "jam": 1}


async def test_the_other_browser_shows_the_change_without_logging_in_anew(shop: Shop):
    """PrestaShop#19035, vue-storefront#5198: it showed the cart that it had seen at log-in."""
    phone, laptop = shop.customer(), shop.elsewhere(shop.customer())
    await phone.add("tea")
    seen = await laptop.ask("GET", "/cart")
    await phone.add("tea")
    news = await laptop.ask("GET", "/cart", If_None_Match=seen.headers["etag"])
    assert held(done(news)) == {"tea": 2}


async def test_naming_somebodys_e_mail_address_as_a_guest_shows_nothing_and_mails_nobody(shop: Shop):
    """vendure#1699: it showed their data. An address is told by the store's servers alone, and never opens anything."""
    address = {"email": "anna@example.com", "locale": "en", "email_consent": True, "sms_consent": False}
    done(await shop.server().ask("PUT", "/customers/anna/profile", address))
    await shop.customer().add("ring", 3)
    guest = await shop.guest()
    refused(await guest.ask("PUT", "/customers/anna/profile", address), 403, "forbidden")
    refused(await guest.ask("GET", "/customers/anna/profile"), 403, "forbidden")
    refused(await guest.ask("POST", "/cart/lines", LINE | {"email": "anna@example.com"}), 422, "invalid-request")
    named = done(await guest.ask("PATCH", "/cart", {"attributes": {"email": "anna@example.com"}}))
    assert (named["customer_id"], named["lines"]) == (None, [])
    events = [event.model_dump_json() for event in await shop.events()]
    assert len(events) == 3
    assert sum("anna@example.com" in event for event in events) == 1, "in the profile that the store told, nowhere else"
