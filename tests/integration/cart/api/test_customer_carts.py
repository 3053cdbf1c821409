"""Support changes a cart for a customer on the phone: what the customer has, by a server's key, and as no shopper."""

from typing import Any

import pytest

from libs.contracts.events import CartEvent
from services.cart.domain.store import CartLimits
from tests.integration.cart.shop import LINE, OTHER_KEY, Shop, Visitor, done, held, refused

PATH = "/customers/anna/cart/actions"
ADD = LINE | {"action": "add"}
NO_CART = '"0"'


def actions(*these: dict[str, Any]) -> dict[str, Any]:
    return {"actions": list(these)}


async def keyed(shop: Shop, *scopes: str) -> Visitor:
    made = done(await shop.server().ask("POST", "/keys", {"name": "support", "scopes": list(scopes)}), 201)
    return shop.server(made["secret"])


async def test_the_customer_sees_what_was_put_in_changed_and_taken_out_for_them(shop: Shop):
    server, anna = shop.server(), shop.customer()
    cart = await anna.add("tea", 2)
    tea = cart["lines"][0]["line_id"]
    after = done(
        await server.ask(
            "POST",
            PATH,
            actions(ADD | {"sku": "jam", "quantity": 3}, {"action": "set", "line_id": tea, "quantity": 1}),
        )
    )
    assert held(after) == held(await anna.cart()) == {"tea": 1, "jam": 3}
    assert after["id"] == cart["id"]
    done(await server.ask("POST", PATH, actions({"action": "remove", "line_id": tea})))
    assert held(await anna.cart()) == {"jam": 3}


async def test_an_add_makes_the_cart_that_the_customer_finds(shop: Shop):
    made = done(await shop.server().ask("POST", PATH, actions(ADD), If_Match=NO_CART))
    anna = await shop.customer().cart()
    assert (made["id"], made["customer_id"]) == (anna["id"], "anna")
    assert held(anna) == {"tea": 1}


async def test_what_staff_change_is_told_as_staff_s(shop: Shop):
    await shop.customer().add()
    done(await shop.server().ask("POST", PATH, actions(ADD), X_Origin="staff"))
    events = [event for event in await shop.events() if isinstance(event, CartEvent)]
    assert [event.origin for event in events] == [None, "staff"]


async def test_a_cart_that_changed_meanwhile_is_not_overwritten(shop: Shop):
    server, anna = shop.server(), shop.customer()
    seen = await anna.ask("GET", "/cart")
    await anna.add()
    assert refused(await server.ask("POST", PATH, actions(ADD), If_Match=seen.headers["etag"]), 412, "version-conflict")
    assert held(await anna.cart()) == {"tea": 1}
    now = (await anna.ask("GET", "/cart")).headers["etag"]
    assert held(done(await server.ask("POST", PATH, actions(ADD), If_Match=now))) == {"tea": 2}


async def test_the_same_call_twice_is_done_once_also_after_the_version_went_on(shop: Shop):
    server = shop.server()
    first, again = [
        await server.ask("POST", PATH, actions(ADD), Idempotency_Key="click", If_Match=NO_CART) for _ in range(2)
    ]
    assert done(first) == done(again)
    assert again.headers["idempotency-replayed"] == "true"
    assert held(await shop.customer().cart()) == {"tea": 1}


async def test_the_answer_that_is_kept_goes_with_the_customer(shop: Shop):
    server = shop.server()
    done(await server.ask("POST", PATH, actions(ADD), Idempotency_Key="click"))
    assert await shop.pool.fetchval("SELECT about FROM idempotency_keys") == "anna"
    done(await server.ask("POST", "/customers/anna/erasure"), 202)
    assert await shop.count("keys") == 0


async def test_another_name_of_the_customer_opens_the_same_cart(shop: Shop):
    server, anna = shop.server(), shop.customer()
    await anna.add()
    done(await server.ask("PUT", "/customers/anna/identities/loyalty-7"))
    done(await server.ask("POST", "/customers/loyalty-7/cart/actions", actions(ADD | {"sku": "jam"})))
    assert held(await anna.cart()) == {"tea": 1, "jam": 1}


@pytest.mark.parametrize(("scope", "status"), [("carts:read", 403), ("customers:write", 403), ("carts:write", 200)])
async def test_it_takes_the_scope_to_write_carts(shop: Shop, scope: str, status: int):
    server = await keyed(shop, scope)
    assert (await server.ask("POST", PATH, actions(ADD))).status_code == status


async def test_limits_hold_for_staff_too_and_another_store_s_server_is_nobody(shop: Shop):
    server = shop.server()
    shop.change_store(limits=CartLimits(lines=1, quantity=2))
    done(await server.ask("POST", PATH, actions(ADD)))
    assert refused(await server.ask("POST", PATH, actions(ADD | {"sku": "jam"})), 409, "limit-reached")["limit"] == 1
    assert refused(await server.ask("POST", PATH, actions(ADD | {"quantity": 2})), 409, "limit-reached")["limit"] == 2
    assert (await shop.server(OTHER_KEY).ask("POST", PATH, actions(ADD))).status_code == 401
