"""An order takes the version from which it was priced; what came since lives on in the next cart."""

import asyncio

from libs.contracts.events import CartOrdered, LineAdded
from tests.integration.cart.shop import Shop, held


async def test_what_was_added_and_raised_since_lives_on(shop: Shop):
    anna, server = shop.customer(), shop.server(replica=1)
    priced = await anna.add("tea", 2)
    await anna.add("tea")
    await anna.add("jam")
    order = {"customer_id": "anna", "cart_id": priced["id"], "cart_version": priced["version"], "currency": "EUR"}
    answer = await server.order("o-1", **order)
    cart = await anna.cart()
    assert (answer["closed_carts"], answer["next_carts"]) == ([priced["id"]], [cart["id"]])
    assert held(cart) == {"tea": 1, "jam": 1}
    assert held((await server.look(priced["id"]))["cart"]) == {"tea": 2}
    assert await server.order("o-1", 200, **order) == answer
    events = [event for event in await shop.events() if isinstance(event, (LineAdded, CartOrdered))]
    assert [str(event.cart_id) == cart["id"] for event in events] == [False, False, False, False, True, True]
    assert held(await anna.add("jam")) == {"tea": 1, "jam": 2}


async def test_a_guests_next_cart_is_found_by_the_same_token(shop: Shop):
    guest = await shop.guest()
    priced = await guest.add("tea")
    await guest.add("jam")
    token = guest.headers["X-Cart-Token"]
    await shop.server().order("o-1", cart_token=token, cart_id=priced["id"], cart_version=1)
    assert held(await shop.elsewhere(guest).cart()) == {"jam": 1}


async def test_an_order_that_names_its_lines_leaves_the_others(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 2)
    cart = await anna.add("jam")
    line_id = cart["lines"][0]["line_id"]
    lines = [{"sku": "tea", "quantity": 2, "line_id": line_id}]
    await shop.server().order("o-1", customer_id="anna", lines=lines)
    assert held(await anna.cart()) == {"jam": 1}


async def test_an_order_in_another_currency_than_its_cart_stands_and_says_so(shop: Shop):
    cart = await shop.customer().add("tea")
    answer = await shop.server().order("o-1", customer_id="anna", currency="PLN")
    assert answer["mismatches"] == [
        {"cart_id": cart["id"], "field": "currency", "cart": "EUR", "order": "PLN", "sku": None}
    ]
    assert await shop.server().order("o-1", 200, customer_id="anna", currency="PLN") == answer
    assert (await shop.customer().cart())["id"] is None


async def test_adds_that_race_with_an_order_by_version_are_never_lost(shop: Shop):
    anna = shop.customer()
    priced = await anna.add("tea")
    order = {"customer_id": "anna", "cart_id": priced["id"], "cart_version": 1}
    adds = [shop.elsewhere(anna, n % 2).add("tea") for n in range(8)]
    await asyncio.gather(*adds[:4], shop.server().order("o-1", **order), *adds[4:])
    assert held((await shop.server().look(priced["id"]))["cart"]) == {"tea": 1}
    assert held(await anna.cart()) == {"tea": 8}
