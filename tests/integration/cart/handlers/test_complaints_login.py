"""What users of other carts complain of, as far as it is about who somebody is and what a log-in does to a cart."""

import asyncio
from datetime import timedelta

import pytest

from tests.integration.cart.handlers.test_merges import aside
from tests.integration.cart.shop import LINE, Shop, Visitor, done, held


async def emptied(person: Visitor) -> None:
    await person.add("old")
    done(await person.ask("DELETE", "/cart/lines"))


async def test_an_account_cart_without_lines_does_not_hide_the_guests_full_one(shop: Shop):
    """Sylius#12372, Sylius#7741, vendure#1454: it did, or the log-in failed."""
    for mode in ("max", "sum", "guest_wins", "customer_wins", "save_for_later"):
        guest, anna = await shop.guest(), shop.customer(mode)
        await emptied(anna)
        await guest.add("tea", 2)
        assert held((await anna.claim(guest, mode))["cart"]) == {"tea": 2}


@pytest.mark.parametrize("has_a_cart", [True, False], ids=["after logging in", "after signing up in the checkout"])
async def test_guest_lines_are_there(shop: Shop, has_a_cart: bool):
    """nextjs-starter-vendure#12, shopsys#588, vendure#2283: they were gone."""
    guest, anna = await shop.guest(), shop.customer()
    if has_a_cart:
        await anna.add("jam")
    await guest.add("tea", 2)
    await anna.claim(guest)
    assert held(await shop.elsewhere(anna).cart())["tea"] == 2
    again = await anna.claim(guest)
    assert (again["merge"]["claimed"], held(again["cart"])["tea"]) == (False, 2), "claimed once"


async def test_ordered_as_a_guest_and_opened_an_account_a_week_later(shop: Shop):
    """Sylius#11557: the next guest cart was lost at log-in, because the ordered one was found in its place."""
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    await shop.server().order("o-1", customer_id="anna", cart_token=guest.headers["X-Cart-Token"])
    shop.clock.forward(timedelta(days=7))
    await guest.add("jam")
    answer = await anna.claim(guest)
    assert (held(answer["cart"]), answer["cart"]["status"]) == ({"jam": 1}, "active")


@pytest.mark.parametrize("mode", ["max", "sum", "guest_wins", "customer_wins", "save_for_later"])
async def test_neither_a_three_week_old_account_cart_nor_the_guests_is_overwritten(shop: Shop, mode: str):
    """Cara#3806: the old one overwrote what was just picked; solidus_social#80: the guest's replaced the account's."""
    guest, anna = await shop.guest(), shop.customer()
    old = await anna.add("kettle", 2)
    await guest.add("tea", 3)
    answer = await anna.claim(guest, mode)
    everything = held(answer["cart"]) | aside(answer["cart"])
    assert everything == {"kettle": 2, "tea": 3}
    assert held(answer["cart"])["tea"] == 3, "what was picked just now is what one sees"
    undone = done(await anna.undo(answer["merge"]))["cart"]
    assert (undone["id"], held(undone), undone["saved"]) == (old["id"], {"kettle": 2}, [])
    assert held(await guest.cart()) == {"tea": 3}


async def test_where_the_guest_wins_lines_in_both_carts_are_not_deleted(shop: Shop):
    """vendure#3153: they were; the guest's quantity stays."""
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("tea", 5)
    await guest.add("tea", 2)
    assert held((await anna.claim(guest, "guest_wins"))["cart"]) == {"tea": 2}


async def test_the_same_product_from_two_pages_stands_once_also_after_log_in(shop: Shop):
    """unchained#478, magento2#21375: it stood twice."""
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("tea", more={"url": "https://shop.test/tea"})
    await guest.add("tea", more={"url": "https://shop.test/sale/tea", "title": "Tea!"})
    cart = (await anna.claim(guest, "sum"))["cart"]
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [("tea", 2)]


async def test_a_sum_beyond_the_stock_does_not_break_the_log_in(shop: Shop):
    """bagisto#2954: error 500. What does not fit is set aside and told."""
    guest, anna = await shop.guest(), shop.customer()
    await shop.server().level("tea", 4)
    await anna.add("tea", 3)
    await guest.add("tea", 3)
    answer = await anna.claim(guest, "sum")
    assert (held(answer["cart"]), aside(answer["cart"])) == ({"tea": 4}, {"tea": 2})
    [line] = answer["merge"]["lines"]
    assert (line["fate"], line["set_aside"], line["reason"]) == ("raised", 2, "stock")


async def test_a_failed_payment_on_the_old_cart_does_not_block_the_log_in(shop: Shop):
    """vendure#3773: it did. Whatever became of former carts plays no part."""
    guest, anna = await shop.guest(), shop.customer()
    former = await anna.add("kettle")
    await shop.server().order("o-failed", customer_id="anna")
    await shop.pool.execute("UPDATE carts SET status = 'expired', order_id = NULL WHERE cart_id = $1", former["id"])
    await guest.add("tea")
    assert held((await anna.claim(guest))["cart"]) == {"tea": 1}


async def test_a_second_customer_on_the_device_does_not_get_the_first_ones_cart(shop: Shop):
    """vendure#263: they did. After log-out the device starts clean, even with the old token."""
    device, anna, ben = await shop.guest(), shop.customer("anna"), shop.customer("ben", replica=1)
    await device.add("tea")
    await anna.claim(device)
    assert held(await device.cart()) == {}, "logged out"
    answer = await ben.claim(device)
    assert (answer["merge"]["claimed"], held(answer["cart"])) == (False, {})
    await device.add("jam")
    assert held((await ben.claim(device))["cart"]) == {"jam": 1}
    assert held(await anna.cart()) == {"tea": 1}


async def test_log_out_and_in_again_leaves_one_active_cart(shop: Shop):
    """oc-mall-plugin#297: there were two."""
    anna = shop.customer()
    for sku in ("tea", "jam", "milk"):
        device = await shop.guest()
        await device.add(sku)
        await asyncio.gather(anna.claim(device), shop.elsewhere(anna).claim(device))
    assert held(await anna.cart()) == {"tea": 1, "jam": 1, "milk": 1}
    assert await shop.count("active") == 1


async def test_a_guest_who_has_given_an_e_mail_address_can_be_merged(shop: Shop):
    """spartacus#4008: could not. Contact data of a checkout as guest is of no account to the cart."""
    server, guest = shop.server(), await shop.guest()
    contact = {"email": "anna@example.com", "email_consent": True, "sms_consent": False, "locale": "en"}
    done(await server.ask("PUT", "/customers/guest-of-the-checkout/profile", contact))
    await guest.add("tea")
    done(await server.ask("POST", "/customers/guest-of-the-checkout/merge", {"into": "anna"}))
    assert held((await shop.customer("anna").claim(guest))["cart"]) == {"tea": 1}
    assert done(await server.ask("GET", "/customers/anna/profile"))["email"] == "anna@example.com"


async def test_people_who_do_not_want_carts_merged_have_a_choice(shop: Shop):
    """magento2#1091, woocommerce-payments#8806: had none. Mode per store and per call; and an undo."""
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("kettle")
    await guest.add("tea")
    answer = await anna.claim(guest, "save_for_later")
    assert (held(answer["cart"]), aside(answer["cart"])) == ({"tea": 1}, {"kettle": 1})
    [kettle] = answer["cart"]["saved"]
    back = done(await anna.ask("POST", f"/cart/saved/{kettle['line_id']}/restore"))
    assert held(back) == {"tea": 1, "kettle": 1}
    for store, units in (("shop", 3), ("other", 5)):  # the one store keeps the larger quantity, the other adds them up
        guest, ben = await shop.guest(store=store), shop.customer("ben", store=store)
        await ben.add("tea", 2)
        await guest.add("tea", 3)
        assert held((await ben.claim(guest))["cart"]) == {"tea": units}


async def test_three_quick_adds_while_logging_in_are_three_lines(shop: Shop):
    """shopware#8724: all were answered 200, one was lost."""
    for number in range(4):
        guest, anna = await shop.guest(), shop.customer(f"anna-{number}")
        await guest.add("tea")
        adds = [shop.elsewhere(anna).add(sku) for sku in ("jam", "milk", "bread")]
        await asyncio.gather(anna.claim(guest), *adds)
        assert held(await anna.cart()) == {"tea": 1, "jam": 1, "milk": 1, "bread": 1}


async def test_logging_in_on_one_device_ends_nothing_on_another(shop: Shop):
    """bigcommerce/catalyst#2156: a persistent cart ended the other device's session."""
    phone = shop.customer("anna")
    await phone.add("tea")
    for replica in (0, 1, 0):
        device = await shop.guest(replica)
        await device.add("jam")
        await shop.customer("anna", replica, jti=str(replica)).claim(device)
    assert held(await phone.add("milk")) == {"tea": 1, "jam": 1, "milk": 1}


async def test_app_and_web_of_one_customer_have_one_cart(shop: Shop):
    """Shopify/mobile-buy-sdk-ios#1199: two. Also where each knows the customer by another id."""
    done(await shop.server().ask("PUT", "/customers/anna/identities/app-user-99"))
    web, app = shop.customer("anna"), shop.customer("app-user-99", replica=1)
    first = await asyncio.gather(web.add("tea"), app.add("jam"))
    assert {cart["id"] for cart in first} == {(await web.cart())["id"]} == {(await app.cart())["id"]}
    assert held(await web.cart()) == {"tea": 1, "jam": 1}


async def test_naming_somebodys_e_mail_address_as_a_guest_shows_nothing_of_theirs(shop: Shop):
    """vendure#1699: their data was shown. A cart knows no address; who has only a guest's token sees that cart only."""
    server, guest = shop.server(), await shop.guest()
    contact = {"email": "anna@example.com", "email_consent": True, "sms_consent": False, "locale": "en"}
    done(await server.ask("PUT", "/customers/anna/profile", contact))
    await shop.customer("anna").add("kettle")
    answer = await guest.ask("POST", "/cart/lines", LINE | {"email": "anna@example.com"})
    assert answer.status_code == 422
    cart = await guest.add("tea")
    assert (held(cart), cart["customer_id"]) == ({"tea": 1}, None)
    assert "anna" not in (await guest.ask("GET", "/cart")).text
    for path in ("/customers/anna/profile", "/customers/anna/identities", "/carts?customer_id=anna"):
        assert (await guest.ask("GET", path)).status_code in {401, 403}
