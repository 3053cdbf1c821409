"""An order ends what it names and nothing else; whoever has ordered is reminded of nothing until goods change."""

import asyncio
from typing import Any

import pytest

from libs.contracts.events import CartSilenced, LineAdded, OrderPlaced
from tests.integration.cart.shop import Shop, Visitor, done, held

TEA = {"sku": "tea", "quantity": 1, "price": 500}
MAGAZINE = {"sku": "magazine", "quantity": 1, "price": 700}


async def silenced(shop: Shop) -> list[str]:
    """The ids of the carts of which others were told that nobody is to be reminded."""
    return [str(event.cart_id) for event in await shop.events() if isinstance(event, CartSilenced)]


async def is_silent(shop: Shop, cart: Any) -> bool:
    return (await shop.server().look(cart["id"]))["silent_since"] is not None


async def test_the_same_cart_ordered_twice_leaves_what_was_put_in_since(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    order = {"customer_id": "anna", "cart_id": cart["id"], "cart_version": 1}
    await server.order("o-1", **order)
    later = await anna.add("jam")
    again = await server.order("o-2", **order)
    assert (again["closed_carts"], again["next_carts"]) == ([], [])
    assert again["mismatches"] == [
        {"cart_id": cart["id"], "field": "already_ordered", "cart": "o-1", "order": "o-2", "sku": None}
    ]
    assert held(await anna.cart()) == {"jam": 1}
    assert await silenced(shop) == [later["id"]]
    placed = (await shop.events())[-1]
    assert isinstance(placed, OrderPlaced)
    assert [(one.field, one.cart, one.order) for one in placed.mismatches or ()] == [("already_ordered", "o-1", "o-2")]


async def test_a_retried_checkout_that_names_the_cart_alone_ends_the_reminders_of_its_owner(shop: Shop):
    guest = await shop.guest()
    cart = await guest.add("tea")
    await shop.server().order("o-1", cart_id=cart["id"])
    later = await guest.add("jam")
    await shop.server().order("o-2", cart_id=cart["id"], lines=[TEA])
    assert held(await guest.cart()) == {"jam": 1}
    assert await silenced(shop) == [later["id"]]


async def test_two_tabs_that_order_one_cart_at_once_order_it_once(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    await anna.add("jam")
    order = {"customer_id": "anna", "cart_id": cart["id"], "lines": [TEA]}
    both = await asyncio.gather(*(shop.server(replica=n % 2).order(f"o-{n}", **order) for n in range(4)))
    assert sorted(len(one["closed_carts"]) for one in both) == [0, 0, 0, 1]
    assert sorted(one["field"] for answer in both for one in answer["mismatches"]) == ["already_ordered"] * 3
    assert held(await anna.cart()) == {"jam": 1}


@pytest.mark.parametrize("lines", [[], [TEA]])
async def test_an_order_of_somebody_elses_cart_stands_and_leaves_that_cart_alone(shop: Shop, lines: list[Any]):
    anna, ben = shop.customer(), shop.customer("ben")
    annas, bens = await anna.add("tea", 2), await ben.add("jam")
    answer = await shop.server().order("o-1", customer_id="ben", cart_id=annas["id"], lines=lines)
    assert (answer["closed_carts"], [one["field"] for one in answer["mismatches"]]) == ([], ["customer"])
    assert "anna" not in str(answer)
    assert (held(await anna.cart()), held(await ben.cart())) == ({"tea": 2}, {"jam": 1})
    assert (await is_silent(shop, annas), await is_silent(shop, bens)) == (False, True)
    placed = (await shop.events())[-1]
    assert isinstance(placed, OrderPlaced)
    assert (placed.cart_id, placed.key()) == (None, "ben")


async def test_a_renewal_that_names_other_goods_leaves_the_cart_and_ends_its_reminders(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 2)
    answer = await shop.server().order("o-1", customer_id="anna", lines=[MAGAZINE])
    assert (answer["closed_carts"], answer["mismatches"]) == ([], [])
    assert (await anna.cart())["version"] == cart["version"]
    look = await shop.server().look(cart["id"])
    assert (look["silent_since"] is not None, look["goods_version"]) == (True, 1)
    told = next(event for event in await shop.events() if isinstance(event, CartSilenced))
    assert (told.cart_version, told.silent, told.holds, told.order_id) == (1, True, {"tea": 2}, "o-1")
    await shop.elsewhere(anna).add("jam")
    look = await shop.server().look(cart["id"])
    assert (look["silent_since"], look["goods_version"]) == (None, 2)


async def test_the_rest_of_an_order_is_born_silent_and_speaks_again_when_goods_change(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 2)
    await anna.add("jam")
    answer = await shop.server().order("o-1", customer_id="anna", lines=[TEA])
    rest = await anna.cart()
    assert (answer["next_carts"], held(rest)) == ([rest["id"]], {"tea": 1, "jam": 1})
    assert await is_silent(shop, rest)
    told = [event for event in await shop.events() if isinstance(event, LineAdded) and str(event.cart_id) == rest["id"]]
    assert [event.silent for event in told] == [True, True]
    done(await anna.ask("PATCH", f"/cart/lines/{rest['lines'][0]['line_id']}", {"note": "later"}))
    assert await is_silent(shop, rest)
    await anna.add("jam")
    assert not await is_silent(shop, rest)


async def test_an_order_of_goods_with_other_names_says_whole_cart(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("bundle")
    answer = await shop.server().order("o-1", customer_id="anna", whole_cart=True, lines=[MAGAZINE])
    assert answer["closed_carts"] == [cart["id"]]


async def test_an_account_with_the_same_address_is_not_reminded_either(shop: Shop):
    server = shop.server()
    for customer, contact in {
        "anna": {"email": "Anna@shop.test"},
        "anna-at-work": {"email": "anna@SHOP.test", "phone": "+12025550143"},
        "ben": {"email": "ben@shop.test", "phone": "+12025550144"},
    }.items():
        profile = {"locale": "en", "email_consent": True, "sms_consent": False} | contact
        done(await server.ask("PUT", f"/customers/{customer}/profile", profile))
    work, bens = await shop.customer("anna-at-work").add("tea"), await shop.customer("ben").add("tea")
    await server.order("o-1", customer_id="anna", lines=[TEA])
    assert (await is_silent(shop, work), await is_silent(shop, bens)) == (True, False)
    assert held(await shop.customer("anna-at-work").cart()) == {"tea": 1}


async def test_a_note_of_a_device_that_has_not_heard_of_the_order_leaves_the_cart_silent(shop: Shop):
    """The order gives the cart no version, so that a guess of the cart looks right and is not."""
    anna = shop.customer(replica=1)
    cart = await anna.add("tea")
    await shop.server(replica=0).order("o-1", customer_id="anna", lines=[MAGAZINE])
    line = cart["lines"][0]["line_id"]
    done(await anna.ask("PATCH", f"/cart/lines/{line}", {"note": "a gift"}))
    assert await is_silent(shop, cart)
    assert (await shop.events())[-1].model_dump()["silent"] is True


async def test_orders_and_log_ins_of_the_same_people_never_lock_each_other_out(shop: Shop):
    server = shop.server()
    for n in range(4):
        profile = {"locale": "en", "email": "inbox@shop.test", "email_consent": True, "sms_consent": False}
        done(await server.ask("PUT", f"/customers/c-{n}/profile", profile))

    async def shops(n: int) -> None:
        me: Visitor = shop.customer(f"c-{n}", replica=n % 2)
        for turn in range(5):
            guest = await shop.guest()
            await guest.add("jam")
            await me.add("tea")
            await shop.server(replica=turn % 2).order(f"o-{n}-{turn}", customer_id=f"c-{n}", lines=[MAGAZINE])
            await me.claim(guest)

    await asyncio.gather(*(shops(n) for n in range(4)))
    rows = await shop.pool.fetch("SELECT cart_id, units FROM carts WHERE status = 'active' AND customer_id LIKE 'c-%'")
    assert [row["units"] for row in rows] == [6] * 4  # tea five times, and the most of jam that was in either cart
