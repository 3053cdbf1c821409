"""Several things are done to a cart in one call: all of them, or none."""

import asyncio

import pytest

from libs.contracts.events import CartEvent
from tests.integration.cart.shop import LINE, Shop, done, held, refused

ADD = LINE | {"action": "add"}


async def test_several_things_at_once_are_all_there(shop: Shop):
    """composable-frontend#534, doordash-cli#64: several calls at once, and some of what they did was lost."""
    anna = shop.customer()
    cart = await anna.add("tea", 5)
    line = cart["lines"][0]["line_id"]
    actions = [
        ADD | {"sku": "jam", "quantity": 2},
        {"action": "set", "line_id": line, "quantity": 3},
        ADD | {"sku": "milk"},
        ADD | {"sku": "jam"},
        {"action": "remove", "line_id": line},
    ]
    after = done(await anna.ask("POST", "/cart/actions", {"actions": actions}))
    assert held(after) == held(await anna.cart()) == {"jam": 3, "milk": 1}
    assert after["id"] == cart["id"]
    kinds = ["line_added", "line_added", "line_quantity_set", "line_added", "line_added", "line_removed"]
    assert await shop.told() == [f"cart.{kind}" for kind in kinds]
    assert [event.cart_version for event in await shop.events() if isinstance(event, CartEvent)] == [1, 2, 3, 4, 5, 6]
    assert after["version"] == 6


async def test_where_one_cannot_be_done_none_is_and_it_is_said_which(shop: Shop):
    anna = shop.customer()
    await anna.add("tea")
    unknown = {"action": "set", "line_id": "00000000-0000-4000-8000-000000000000", "quantity": 2}
    answer = await anna.ask("POST", "/cart/actions", {"actions": [ADD | {"sku": "jam"}, unknown]})
    assert refused(answer, 404, "unknown-line")["action"] == 1
    dear = ADD | {"sku": "ring", "currency": "USD"}
    answer = await anna.ask("POST", "/cart/actions", {"actions": [dear]})
    assert refused(answer, 409, "currency-mismatch")["action"] == 0
    assert held(await anna.cart()) == {"tea": 1}
    assert await shop.told() == ["cart.line_added"]


async def test_a_first_call_makes_the_cart_and_comes_again_without_doing_more(shop: Shop):
    guest = await shop.guest()
    body = {"actions": [ADD | {"sku": "jam"}, ADD | {"sku": "milk"}]}
    first = await guest.ask("POST", "/cart/actions", body, Idempotency_Key="once")
    again = await guest.ask("POST", "/cart/actions", body, Idempotency_Key="once")
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert held(await guest.cart()) == {"jam": 1, "milk": 1}
    other = {"actions": body["actions"][:1]}
    refused(await guest.ask("POST", "/cart/actions", other, Idempotency_Key="once"), 422, "idempotency-key-reused")


async def test_nothing_to_do_is_no_version(shop: Shop):
    anna = shop.customer()
    nobody = {"action": "remove", "line_id": "00000000-0000-4000-8000-000000000000"}
    assert done(await anna.ask("POST", "/cart/actions", {"actions": [nobody]}))["id"] is None
    before = await anna.add("tea")
    after = done(await anna.ask("POST", "/cart/actions", {"actions": [nobody]}))
    assert after["version"] == before["version"]


async def test_many_at_once_lose_nothing(shop: Shop):
    anna = shop.customer()
    body = {"actions": [ADD | {"sku": "jam"}, ADD | {"sku": "milk", "quantity": 2}]}
    calls = [shop.elsewhere(anna, n % 2).ask("POST", "/cart/actions", body) for n in range(6)]
    assert [answer.status_code for answer in await asyncio.gather(*calls)] == [200] * 6
    assert held(await anna.cart()) == {"jam": 6, "milk": 12}
    assert await shop.count("active") == 1


async def test_a_stale_version_changes_nothing(shop: Shop):
    anna = shop.customer()
    first = await anna.ask("POST", "/cart/lines", LINE)
    await anna.add("jam")
    body = {"actions": [ADD | {"sku": "milk"}]}
    answer = await anna.ask("POST", "/cart/actions", body, If_Match=first.headers["etag"])
    refused(answer, 412, "version-conflict")


async def test_what_is_taken_out_is_not_held_back_any_more(shop: Shop):
    shop.change_store(reservation_minutes=15)
    anna, bob = shop.customer(), shop.customer("bob")
    await shop.server().level("tea", 2)
    line = (await anna.add("tea", 2))["lines"][0]["line_id"]
    done(await anna.ask("POST", "/cart/reservation"))
    done(await anna.ask("POST", "/cart/actions", {"actions": [{"action": "remove", "line_id": line}]}))
    await bob.add("tea", 2)
    [reserved] = done(await bob.ask("POST", "/cart/reservation"))["lines"]
    assert (reserved["reserved"], reserved["short"]) == (2, 0)


async def test_an_add_of_a_device_that_was_offline_is_not_added_where_its_order_bought_it(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    await shop.server().order(
        "o-1", customer_id="anna", lines=[{"sku": "tea", "quantity": 1}, {"sku": "jam", "quantity": 1}]
    )
    body = {"actions": [ADD | {"sku": "jam"}, ADD | {"sku": "milk"}]}
    after = done(await anna.ask("POST", "/cart/actions", body, X_Cart_Id=cart["id"]))
    assert held(after) == {"milk": 1}


@pytest.mark.parametrize("actions", [[], [{"action": "fly"}], [ADD] * 101, [{"action": "set", "line_id": "x"}], {}])
async def test_what_is_no_list_of_actions_is_refused(shop: Shop, actions: object):
    refused(await shop.customer().ask("POST", "/cart/actions", {"actions": actions}), 422, "invalid-request")
    assert await shop.count("carts") == 0
