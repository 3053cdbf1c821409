"""Guests who ask to be told when an item is back: by the road of their cart's contact, until it is the customer's."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import ProfileErased, ProfileSet, WatchSet
from services.cart.db import watches
from services.cart.domain.watch import KEPT
from services.cart.handlers.guest_contacts import GuestContactHandlers
from services.cart.handlers.watches import WatchHandlers
from tests.integration.cart.handlers.test_erasure import erase
from tests.integration.cart.handlers.test_guest_contacts import ANNA, LEFT, names, open_shop
from tests.integration.cart.handlers.test_watches import ends, told, waits_for
from tests.integration.cart.shop import Shop, Visitor, done, refused

__all__ = ["open_shop"]
RUG: dict[str, Any] = {"sku": "rug", "contact": LEFT}


async def waiting(shop: Shop, sku: str = "rug") -> Visitor:
    """A guest without a cart who waits for something."""
    guest = await shop.guest()
    done(await guest.ask("POST", "/watches", RUG | {"sku": sku}), 201)
    return guest


async def round_(shop: Shop) -> int:
    return await GuestContactHandlers(shop.pool, shop.clock, lambda *_: None).round()


async def test_a_guest_waits_under_an_id_of_their_own_without_a_cart(open_shop: Shop):
    guest = await waiting(open_shop)
    assert await waits_for(guest) == ["rug"]
    (watch,) = await told(open_shop)
    (profile,) = [event for event in await open_shop.events() if isinstance(event, ProfileSet)]
    assert watch.customer_id == profile.customer_id
    assert (watch.customer_id or "").startswith("guest:")
    assert (profile.email, profile.email_consent) == (ANNA, True)
    shown = (await guest.ask("GET", "/watches")).text
    assert ANNA not in shown + str(await told(open_shop))
    assert "guest:" not in shown
    assert (await guest.cart())["id"] is None
    assert await waits_for(await open_shop.guest()) == []


async def test_a_guest_leaves_the_address_once(open_shop: Shop):
    guest = await waiting(open_shop)
    done(await guest.ask("POST", "/watches", {"sku": "lamp"}), 201)
    done(await guest.ask("POST", "/watches", {"sku": "lamp"}))
    first, second = await told(open_shop)
    assert first.customer_id == second.customer_id
    assert len(await names(open_shop)) == 1


async def test_a_cart_and_what_is_waited_for_have_one_recipient(open_shop: Shop):
    guest = await waiting(open_shop)
    await guest.add()
    done(await guest.ask("PUT", "/cart/contact", LEFT), 204)
    other = await open_shop.guest()
    await other.add()
    done(await other.ask("PUT", "/cart/contact", LEFT), 204)
    done(await other.ask("POST", "/watches", {"sku": "rug"}), 201)
    assert len(await names(open_shop)) == 2
    assert [one.customer_id in await names(open_shop) for one in await told(open_shop)] == [True, True]


@pytest.mark.parametrize("body", [{"sku": "rug"}, {"sku": "rug", "contact": None}])
async def test_without_an_address_nothing_is_kept(open_shop: Shop, body: Any):
    refused(await (await open_shop.guest()).ask("POST", "/watches", body), 403, "contact-required")
    assert await open_shop.events() == []


async def test_a_store_that_takes_no_addresses_takes_none_here(shop: Shop):
    refused(await (await shop.guest()).ask("POST", "/watches", RUG), 403, "guest-contacts-off")
    assert await shop.events() == []


async def test_a_customer_leaves_none_and_a_server_neither(open_shop: Shop):
    refused(await open_shop.customer().ask("POST", "/watches", RUG), 403, "forbidden")
    refused(await open_shop.server().ask("POST", "/customers/anna/watches", RUG), 422, "invalid-request")
    assert await open_shop.events() == []


async def test_what_can_not_be_kept_is_refused_whole(open_shop: Shop):
    wrong = RUG | {"contact": {"email": "nobody"}}
    refused(await (await open_shop.guest()).ask("POST", "/watches", wrong), 422, "invalid-request")
    assert (await names(open_shop), await told(open_shop)) == ([], [])


async def test_at_a_log_in_it_becomes_the_customers_once_and_nothing_else_of_the_guest_stays(open_shop: Shop):
    guest, anna = await waiting(open_shop), open_shop.customer()
    (before,) = await told(open_shop)
    for _ in range(2):
        await anna.claim(guest)
    assert (await waits_for(anna), await waits_for(guest)) == (["rug"], [])
    moved = (await told(open_shop))[1:]
    assert [(type(one), one.watch_id, one.watch_version, one.customer_id) for one in moved] == [
        (WatchSet, before.watch_id, 2, "anna")
    ]
    assert await names(open_shop) == ["anna"]
    gone = [event.customer_id for event in await open_shop.events() if isinstance(event, ProfileErased)]
    assert gone == [before.customer_id]
    assert await open_shop.pool.fetchval("SELECT count(*) FROM guest_recipients") == 0


@pytest.mark.parametrize("own", [True, False])
async def test_one_log_in_takes_cart_address_and_watch_of_one_recipient(open_shop: Shop, own: bool):
    """Story: whoever had left an address for cart and item could not log in: the guest was forgotten in mid-merge."""
    guest, anna = await open_shop.guest(), open_shop.customer()
    if own:
        await anna.add("lamp")
    await guest.add("tea")
    done(await guest.ask("PUT", "/cart/contact", LEFT), 204)
    done(await guest.ask("POST", "/watches", {"sku": "rug"}), 201)
    await anna.claim(guest)
    assert {line["sku"] for line in (await anna.cart())["lines"]} == {"tea"} | ({"lamp"} if own else set())
    assert (await waits_for(anna), await names(open_shop)) == (["rug"], ["anna"])
    assert [type(one) for one in await told(open_shop)] == [WatchSet, WatchSet]


async def test_a_watch_that_ends_while_it_goes_over_is_nobodys(open_shop: Shop):
    """Story: told of at the moment of the log-in, it was announced as the customer's, and they were told again."""
    await waiting(open_shop)
    async with open_shop.pool.acquire() as connection, connection.transaction():
        (one,) = await watches.of(connection, "shop", [(await told(open_shop))[0].customer_id or ""])
        await connection.execute("DELETE FROM watches")
        assert await watches.move(connection, [one], "anna") == []


async def test_what_the_customer_waits_for_already_is_waited_for_once(open_shop: Shop):
    anna, guest = open_shop.customer(), await waiting(open_shop)
    done(await anna.ask("POST", "/watches", {"sku": "rug"}), 201)
    await guest.add()
    await anna.claim(guest)
    assert await waits_for(anna) == ["rug"]
    assert await ends(open_shop) == [("rug", "watched_already")]


async def test_an_order_that_names_the_guest_s_token_brings_it_over(open_shop: Shop):
    guest = await waiting(open_shop, "lamp")
    done(await guest.ask("POST", "/watches", {"sku": "rug"}), 201)
    await guest.add("tea")
    token = guest.headers["X-Cart-Token"]
    await open_shop.server().order("1", customer_id="anna", cart_token=token)
    assert (await waits_for(open_shop.customer()), await waits_for(guest)) == (["lamp", "rug"], [])
    assert await names(open_shop) == ["anna"]


async def test_an_order_ends_what_it_brings_over(open_shop: Shop):
    """Story: a guest bought what they waited for with their log-in, and was told later that it is back."""
    guest = await waiting(open_shop, "lamp")
    done(await guest.ask("POST", "/watches", {"sku": "tea"}), 201)
    await guest.add("tea")
    await open_shop.server().order("1", customer_id="anna", cart_token=guest.headers["X-Cart-Token"])
    assert await waits_for(open_shop.customer()) == ["lamp"]
    assert await ends(open_shop) == [("tea", "ordered")]


@pytest.mark.parametrize("contact_of_cart", [True, False])
async def test_a_guest_s_order_ends_what_it_was_of(open_shop: Shop, contact_of_cart: bool):
    guest = await open_shop.guest()
    await guest.add("tea")
    if contact_of_cart:
        done(await guest.ask("PUT", "/cart/contact", LEFT), 204)
    for sku in ("tea", "lamp"):
        done(await guest.ask("POST", "/watches", RUG | {"sku": sku}), 201)
    named = (
        {"cart_id": (await guest.cart())["id"]} if contact_of_cart else {"cart_token": guest.headers["X-Cart-Token"]}
    )
    await open_shop.server().order("1", **named)
    assert await waits_for(guest) == ["lamp"]
    assert await ends(open_shop) == [("tea", "ordered")]


async def test_a_guest_clears_it_and_the_address_is_forgotten_with_the_last(open_shop: Shop):
    guest = await waiting(open_shop)
    assert await round_(open_shop) == 0
    (one,) = done(await guest.ask("GET", "/watches"))["watches"]
    done(await (await open_shop.guest()).ask("DELETE", f"/watches/{one['watch_id']}"), 204)
    assert await waits_for(guest) == ["rug"]
    done(await guest.ask("DELETE", f"/watches/{one['watch_id']}"), 204)
    assert await ends(open_shop) == [("rug", "asked")]
    assert await round_(open_shop) == 1
    assert await names(open_shop) == []


async def test_a_guest_whose_cart_is_over_is_kept_while_they_wait(open_shop: Shop):
    guest = await open_shop.guest()
    await guest.add("tea")
    done(await guest.ask("PUT", "/cart/contact", LEFT), 204)
    done(await guest.ask("POST", "/watches", {"sku": "rug"}), 201)
    await open_shop.pool.execute("UPDATE carts SET status = 'expired'")
    assert await round_(open_shop) == 0
    open_shop.clock.forward(KEPT + timedelta(minutes=1))
    assert await WatchHandlers(open_shop.pool, open_shop.clock, lambda *_: None).round() == 1
    assert await round_(open_shop) == 1
    assert await names(open_shop) == []


async def test_an_erasure_takes_what_guests_with_the_address_wait_for(open_shop: Shop):
    await waiting(open_shop)
    server = open_shop.server()
    done(await server.ask("PUT", "/customers/anna/profile", {"email": ANNA}))
    exported = (await server.ask("GET", "/customers/anna/export")).json()["watches"]
    assert [one["sku"] for one in exported] == ["rug"]
    await erase(server)
    assert await ends(open_shop) == [("rug", "erased")]
    assert json.loads(await open_shop.pool.fetchval("SELECT count(*)::text FROM watches")) == 0


async def test_where_only_the_address_is_erased_the_guest_waits_no_more(open_shop: Shop):
    await waiting(open_shop)
    anna, server = open_shop.customer(), open_shop.server()
    done(await anna.ask("POST", "/watches", {"sku": "lamp"}), 201)
    done(await server.ask("PUT", "/customers/anna/profile", {"email": ANNA}))
    done(await server.ask("DELETE", "/customers/anna/profile"), 204)
    assert await ends(open_shop) == [("rug", "erased")]
    assert await waits_for(anna) == ["lamp"]


async def test_calls_that_come_at_once_leave_one_recipient(open_shop: Shop):
    guest = await open_shop.guest()
    asked = [
        (guest, open_shop.elsewhere(guest))[n % 2].ask("POST", "/watches", RUG | {"sku": f"s{n}"}) for n in range(6)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {201}
    assert len(await names(open_shop)) == 1


async def test_the_last_look_shows_what_a_guest_waits_for(open_shop: Shop):
    await waiting(open_shop)
    (watch,) = await told(open_shop)
    look = done(await open_shop.server().ask("GET", f"/customers/{watch.customer_id}/look?sku=rug"))
    assert (look["watched"]["sku"], look["recipient"]["consent"]["email"]) == ("rug", True)
