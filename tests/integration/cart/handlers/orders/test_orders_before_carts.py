"""What comes after it was bought: nobody is reminded of what they have just bought, and nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.cart.shop import LINE, Shop, done, held

HOUR = timedelta(hours=1)


def bought(**units: int) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


async def test_signed_up_during_the_checkout_ordered_and_was_not_reminded_of_the_guest_cart(shop: Shop):
    """The shop's system knows the new customer only; the log-in brings the guest's cart afterwards."""
    guest, anna = await shop.guest(), shop.customer()
    theirs = await guest.add("tea", 2)
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    shop.clock.forward(HOUR)
    merge = (await anna.claim(guest))["merge"]
    assert merge["claimed"] is False
    assert (await anna.cart())["id"] is None
    look = (await shop.server().look(theirs["id"]))["cart"]
    assert (look["status"], held(look)) == ("ordered", {"tea": 2})
    assert await shop.told() == ["cart.line_added", "order.placed", "cart.ordered"]
    order = done(await shop.server().ask("GET", "/orders/o-1"))
    assert order["closed_carts"] == [theirs["id"]]


@pytest.mark.parametrize("kind", ["cancelled", "payment_failed"])
async def test_a_guest_cart_whose_order_came_to_nothing_is_brought_as_it_is(shop: Shop, kind: str):
    guest, anna, server = await shop.guest(), shop.customer(), shop.server()
    await guest.add("tea", 2)
    await server.order("o-1", customer_id="anna", lines=bought(tea=2))
    done(await server.ask("POST", "/orders/o-1/events", {"type": kind}), 201)
    assert (await anna.claim(guest))["merge"]["claimed"] is True
    assert held(await anna.cart()) == {"tea": 2}


async def test_a_guest_cart_with_more_in_it_than_was_bought_brings_the_rest(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea", 3)
    await guest.add("jam")
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    assert (await anna.claim(guest))["merge"]["claimed"] is True
    assert held(await anna.cart()) == {"tea": 1, "jam": 1}
    assert (await guest.cart())["id"] is None


async def test_what_a_guest_gathers_after_the_order_is_not_taken_for_bought(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    shop.clock.forward(HOUR)
    await guest.add("tea", 2)
    await anna.claim(guest)
    assert held(await anna.cart()) == {"tea": 2}


async def test_what_the_customers_own_cart_held_is_not_taken_twice(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("tea", 2)
    await guest.add("tea", 2)
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    await anna.claim(guest)
    assert held(await anna.cart()) == {"tea": 2}


async def test_a_log_in_a_day_after_the_order_brings_everything(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea", 2)
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    shop.clock.forward(25 * HOUR)
    await anna.claim(guest)
    assert held(await anna.cart()) == {"tea": 2}


async def test_ordered_as_a_guest_and_the_cart_never_comes_back_at_log_in(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    await shop.server().order("o-1", cart_token=guest.headers["X-Cart-Token"])
    await guest.add("jam")
    await anna.claim(guest)
    assert held(await anna.cart()) == {"jam": 1}


async def test_logged_in_during_the_checkout_and_the_order_names_the_device_only(shop: Shop):
    guest, anna, ben = await shop.guest(), shop.customer(), shop.customer("ben")
    await guest.add("tea")
    await anna.claim(guest)
    await ben.add("tea")
    token = guest.headers["X-Cart-Token"]
    assert (await shop.server().order("o-0", cart_token=token, customer_id="ben"))["closed_carts"] != []
    assert held(await anna.cart()) == {"tea": 1}
    await shop.server().order("o-1", cart_token=token)
    assert (await anna.cart())["id"] is None


async def test_an_add_that_was_under_way_when_it_was_bought_is_not_put_into_the_next_cart(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("jam")
    await shop.server(replica=1).order("o-1", customer_id="anna", lines=bought(jam=1, tea=2))
    key = {"X_Cart_Id": cart["id"], "Idempotency_Key": "one-add"}
    late = await anna.add("tea", 1, **key)
    assert late["id"] is None
    assert await anna.add("tea", 1, **key) == late
    assert held(await shop.elsewhere(anna).add("tea", 3, X_Cart_Id=cart["id"])) == {"tea": 2}
    assert held(await anna.add("tea", 1, X_Cart_Id=cart["id"])) == {"tea": 3}


async def test_an_add_of_something_else_or_of_now_is_never_lost(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("jam")
    await shop.server().order("o-1", customer_id="anna", lines=bought(jam=1, tea=2))
    assert held(await anna.add("cap", 1, X_Cart_Id=cart["id"])) == {"cap": 1}
    assert held(await anna.add("tea", 1)) == {"cap": 1, "tea": 1}
    assert held(await shop.customer("ben").add("tea", 1, X_Cart_Id=cart["id"])) == {"tea": 1}


async def test_a_guests_queue_is_sent_after_the_order_and_the_log_in(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    cart = await guest.add("jam")
    token = guest.headers["X-Cart-Token"]
    await shop.server().order("o-1", customer_id="anna", cart_token=token, lines=bought(jam=1, tea=1))
    assert (await guest.add("tea", 1, X_Cart_Id=cart["id"]))["id"] is None
    await shop.server().order("o-2", customer_id="anna", lines=bought(mug=1))
    assert held(await anna.add("tea", 1, X_Cart_Id=cart["id"])) == {"tea": 1}


async def test_a_cart_id_that_is_none_is_refused(shop: Shop):
    anna = shop.customer()
    answer = await anna.ask("POST", "/cart/lines", LINE, X_Cart_Id="seven")
    assert answer.status_code == 400
    assert (await anna.cart())["id"] is None
