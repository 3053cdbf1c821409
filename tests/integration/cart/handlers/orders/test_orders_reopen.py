"""An order that was not paid, or was cancelled so, gives its cart back."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from libs.contracts.events import CartReopened, OrderCancelled, OrderPaymentFailed
from tests.integration.cart.shop import Shop, Visitor, done, held, refused


async def tell(server: Visitor, kind: str, order_id: str = "o-1", **more: Any) -> httpx.Response:
    return await server.ask("POST", f"/orders/{order_id}/events", {"type": kind} | more)


async def test_a_failed_payment_brings_the_lines_back_and_paying_again_needs_no_gathering(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    await server.order("o-1", customer_id="anna", cart_id=cart["id"], cart_version=1)
    known = done(await tell(server, "payment_failed"), 201)
    assert (known["status"], known["events"][0]["reopen"]) == ("payment_failed", True)
    back = await anna.cart()
    assert (held(back), back["id"] != cart["id"]) == ({"tea": 2}, True)
    look = await server.look(back["id"])
    assert (look["silent_since"], look["goods_version"]) == (None, 1)
    reopened, told = (await shop.events())[-2:]
    assert isinstance(reopened, CartReopened)
    assert (reopened.order_id, str(reopened.from_cart_id), reopened.silent) == ("o-1", cart["id"], None)
    assert isinstance(told, OrderPaymentFailed)
    assert [str(one) for one in told.reopened or ()] == [back["id"]]
    again = await server.order("o-2", customer_id="anna", cart_id=back["id"], cart_version=1)
    assert (again["closed_carts"], again["mismatches"]) == ([back["id"]], [])
    assert (await anna.cart())["id"] is None


async def test_a_cancelled_order_that_says_so_gives_its_units_back_to_what_is_there_since(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea", 3)
    await server.order("o-1", customer_id="anna", lines=[{"sku": "tea", "quantity": 3}])
    since = await anna.add("jam")
    done(await tell(server, "cancelled", reopen=True, lines=[{"sku": "tea", "quantity": 2}]), 201)
    now = await anna.cart()
    assert (now["id"], held(now)) == (since["id"], {"jam": 1, "tea": 2})
    told = (await shop.events())[-1]
    assert isinstance(told, OrderCancelled)
    assert told.reopened is not None
    shop.clock.forward(timedelta(seconds=1))
    done(await tell(server, "cancelled"), 201)
    assert held(await anna.cart()) == {"jam": 1, "tea": 2}, "this one did not say so"


async def test_the_same_fact_again_and_another_failed_payment_bring_nothing_twice(shop: Shop):
    shop.change_store(merge="sum")
    anna, server = shop.customer(), shop.server()
    await anna.add("tea", 2)
    await server.order("o-1", customer_id="anna")
    at = {"occurred_at": shop.clock().isoformat()}
    answers = await asyncio.gather(*(tell(shop.server(replica=n % 2), "payment_failed", **at) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    shop.clock.forward(timedelta(minutes=1))
    done(await tell(server, "payment_failed"), 201)
    done(await tell(server, "cancelled", reopen=True), 201)
    assert held(await anna.cart()) == {"tea": 2}


async def test_what_was_held_of_it_is_let_go(shop: Shop):
    shop.change_store(reservation_minutes=15)
    anna, server = shop.customer(), shop.server()
    await server.level("tea", 2)
    cart = await anna.add("tea", 2)
    done(await anna.ask("POST", "/cart/reservation"))
    await server.order("o-1", customer_id="anna")
    assert (await server.look(cart["id"]))["inventory"] == {"tea": 2}
    assert await shop.pool.fetchval("SELECT sum(units) FROM reservations WHERE ordered") == 2
    done(await tell(server, "payment_failed"), 201)
    assert await shop.pool.fetchval("SELECT sum(units) FROM reservations") == 0


async def test_a_guests_cart_comes_back_to_the_token_and_to_the_customer_who_signed_up(shop: Shop):
    guest, server = await shop.guest(), shop.server()
    await guest.add("tea")
    await server.order("o-1", cart_token=guest.headers["X-Cart-Token"])
    done(await tell(server, "payment_failed"), 201)
    assert held(await guest.cart()) == {"tea": 1}
    await server.order("o-2", cart_token=guest.headers["X-Cart-Token"], customer_id="anna")
    done(await tell(server, "payment_failed", "o-2"), 201)
    assert held(await shop.customer().cart()) == {"tea": 1}


async def test_what_is_sent_after_all_is_not_reminded_of(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea")
    await server.order("o-1", customer_id="anna")
    done(await tell(server, "payment_failed"), 201)
    back = await anna.cart()
    shop.clock.forward(timedelta(minutes=1))
    assert done(await tell(server, "shipped"), 201)["status"] == "shipped"
    assert (await server.look(back["id"]))["silent_since"] is not None
    assert "cart.silenced" in await shop.told()


@pytest.mark.parametrize("fact", [{"type": "shipped", "reopen": True}, {"type": "payment_failed", "lines": [{}]}])
async def test_only_what_came_to_nothing_gives_its_cart_back(shop: Shop, fact: dict[str, Any]):
    await shop.server().order("o-1", customer_id="anna")
    refused(await shop.server().ask("POST", "/orders/o-1/events", fact), 422, "invalid-request")
