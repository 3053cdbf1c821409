"""Log-in: what becomes of the cart that was filled before, whatever races with it."""

import asyncio

from libs.contracts.events import CartMergedAway
from tests.integration.cart.shop import LINE, Shop, done, held, refused


async def test_guest_lines_are_there_after_log_in(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    filled = await guest.add("tea", 2)
    answer = await anna.claim(guest)
    receipt = answer["merge"]
    assert (receipt["mode"], receipt["from_cart_id"], receipt["claimed"]) == ("max", filled["id"], True)
    assert [(line["sku"], line["fate"], line["quantity"]) for line in receipt["lines"]] == [("tea", "added", 2)]
    assert (answer["cart"]["id"], answer["cart"]["customer_id"]) == (filled["id"], "anna")
    assert held(await anna.cart()) == {"tea": 2}
    assert await shop.told() == ["cart.line_added", "cart.claimed"]


async def test_after_log_in_the_token_leads_to_nothing(shop: Shop):
    guest = await shop.guest()
    await guest.add("tea")
    await shop.customer("anna").claim(guest)
    assert (await guest.cart())["id"] is None
    answer = await shop.customer("ben", replica=1).claim(guest)
    assert (answer["cart"]["id"], answer["merge"]["claimed"], answer["merge"]["from_cart_id"]) == (None, False, None)
    assert await shop.told() == ["cart.line_added", "cart.claimed"]


async def test_a_second_customer_on_the_device_does_not_get_the_first_ones_cart(shop: Shop):
    guest = await shop.guest()
    await guest.add("tea")
    await shop.customer("anna").claim(guest)
    await guest.add("jam")
    assert held((await shop.customer("ben").claim(guest))["cart"]) == {"jam": 1}
    assert held(await shop.customer("anna").cart()) == {"tea": 1}


async def test_both_carts_are_merged_by_the_larger_quantity(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    own = await anna.add("tea", 1)
    await anna.add("milk", 4)
    await guest.add("tea", 3)
    theirs = await guest.add("jam")
    answer = await anna.claim(guest)
    assert held(answer["cart"]) == {"tea": 3, "milk": 4, "jam": 1}
    assert answer["cart"]["id"] == own["id"]
    assert answer["merge"]["from_cart_id"] == theirs["id"]
    assert [(line["sku"], line["fate"]) for line in answer["merge"]["lines"]] == [("tea", "raised"), ("jam", "added")]
    assert (await shop.told())[-2:] == ["cart.merged", "cart.merged_away"]
    away = (await shop.events())[-1]
    assert isinstance(away, CartMergedAway)
    assert (str(away.cart_id), away.holds) == (theirs["id"], {})
    closed = await shop.server().look(theirs["id"])
    assert (closed["cart"]["status"], held(closed["cart"])) == ("merged", {"tea": 3, "jam": 1})


async def test_an_account_cart_without_lines_does_not_hide_the_guests_full_one(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("tea")
    done(await anna.ask("DELETE", "/cart/lines"))
    await guest.add("jam", 2, more={"currency": "PLN"})
    assert held((await anna.claim(guest))["cart"]) == {"jam": 2}


async def test_an_empty_guest_cart_changes_nothing(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    own = await anna.add("tea")
    await guest.add("jam")
    done(await guest.ask("DELETE", "/cart/lines"))
    answer = await anna.claim(guest)
    assert (answer["merge"]["claimed"], answer["cart"]["version"]) == (False, own["version"])
    assert (await shop.told()) == ["cart.line_added", "cart.line_added", "cart.cleared"]


async def test_a_log_in_never_fails_over_a_cart(shop: Shop):
    anna, other = shop.customer(), await shop.guest(store="other")
    await other.add("tea")
    for token in ("nonsense", "g1_" + "A" * 46, other.headers["X-Cart-Token"]):
        answer = done(await anna.ask("POST", "/cart/claim", {"cart_token": token}))
        assert (answer["merge"]["claimed"], answer["cart"]["id"]) == (False, None)
    assert held(await other.cart()) == {"tea": 1}


async def test_what_does_not_fit_is_told_and_set_aside(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("tea")
    theirs = await guest.add("jam", more={"currency": "PLN"})
    answer = await anna.claim(guest)
    assert held(answer["cart"]) == {"tea": 1}
    [line] = answer["merge"]["lines"]
    assert (line["fate"], line["reason"], line["title"]) == ("set_aside", "currency", "Tea")
    assert [(aside["sku"], aside["currency"]) for aside in answer["cart"]["saved"]] == [("jam", "PLN")]
    assert held((await shop.server().look(theirs["id"]))["cart"]) == {"jam": 1}
    assert (await shop.told())[-1] == "cart.merged_away"


async def test_ordered_as_a_guest_and_logged_in_a_week_later_with_the_next_cart(shop: Shop):
    guest = await shop.guest()
    await guest.add("tea")
    await shop.server().order("o-1", cart_token=guest.headers["X-Cart-Token"])
    await guest.add("jam")
    assert held((await shop.customer().claim(guest))["cart"]) == {"jam": 1}


async def test_two_log_ins_that_race_claim_a_cart_once(shop: Shop):
    for number in range(6):
        guest = await shop.guest()
        await guest.add("tea")
        people = [shop.customer(f"{name}-{number}", replica=n) for n, name in enumerate(("anna", "ben"))]
        answers = await asyncio.gather(*(person.claim(guest) for person in people))
        assert sorted(answer["merge"]["claimed"] for answer in answers) == [False, True]
        carts = [held(await person.cart()) for person in people]
        assert sorted(carts, key=len) == [{}, {"tea": 1}]


async def test_one_customer_who_logs_in_on_two_devices_at_once_has_one_cart_with_everything(shop: Shop):
    for number in range(6):
        phone, tablet = await shop.guest(0), await shop.guest(1)
        await phone.add("tea")
        await tablet.add("jam")
        anna = shop.customer(f"anna-{number}")
        await asyncio.gather(anna.claim(phone), shop.elsewhere(anna).claim(tablet))
        assert held(await anna.cart()) == {"tea": 1, "jam": 1}
    assert await shop.count("active") == 6


async def test_adds_that_race_with_the_log_in_are_not_lost(shop: Shop):
    for number in range(6):
        guest, anna = await shop.guest(), shop.customer(f"anna-{number}")
        await guest.add("tea")
        await asyncio.gather(anna.claim(guest), shop.elsewhere(guest).add("jam"), shop.elsewhere(anna).add("milk"))
        everything = held(await anna.cart()) | held(await guest.cart())
        assert everything == {"tea": 1, "jam": 1, "milk": 1}


async def test_a_claim_whose_answer_was_lost_is_told_again(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    first = await anna.claim(guest, Idempotency_Key="k-1")
    assert first["merge"]["claimed"]
    assert await shop.elsewhere(anna).claim(guest, Idempotency_Key="k-1") == first


async def test_a_claim_may_insist_on_the_customers_cart(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("jam")
    await anna.add("tea")
    body = {"cart_token": guest.headers["X-Cart-Token"]}
    refused(await anna.ask("POST", "/cart/claim", body, If_Match='"0"'), 412, "version-conflict")
    assert held(await guest.cart()) == {"jam": 1}


async def test_a_guest_cannot_claim(shop: Shop):
    guest = await shop.guest()
    refused(await guest.ask("POST", "/cart/claim", {"cart_token": guest.headers["X-Cart-Token"]}), 403, "forbidden")


async def test_the_cache_of_a_replica_does_not_bring_a_claimed_cart_back(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    await shop.elsewhere(anna).claim(guest)
    fresh = done(await guest.ask("POST", "/cart/lines", LINE | {"sku": "jam"}))
    assert (held(fresh), fresh["customer_id"]) == ({"jam": 1}, None)
    assert held(await anna.cart()) == {"tea": 1}
