"""What is held back for one shopper is not there for others, for some minutes; the last unit goes to exactly one."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.cart.db import reservations
from services.cart.domain.orders.commands import UpdateOrder
from services.cart.domain.request import WriteRequest
from services.cart.handlers.fulfilment import FulfilmentHandlers
from services.cart.jobs.housekeeping import Housekeeping
from tests.integration.cart.shop import OTHER_KEY, Shop, Visitor, done, held, refused
from tests.support.eventually import eventually

NO_CART = "00000000-0000-7000-8000-000000000000"


async def reserve(who: Visitor, **headers: str) -> Any:
    return done(await who.ask("POST", "/cart/reservation", **headers))


async def gets(who: Visitor) -> dict[str, int]:
    return {line["sku"]: line["reserved"] for line in (await reserve(who))["lines"]}


async def short_of(who: Visitor) -> list[tuple[str, str, int]]:
    return [(n["kind"], n["sku"], n["after"]) for n in (await who.cart()).get("notices", ())]


async def expire(shop: Shop) -> None:
    """As if the minutes had passed, by the database's clock."""
    await shop.pool.execute("UPDATE reservations SET expires_at = now() - interval '1 second'")


async def shoppers(shop: Shop, level: int = 1, minutes: int = 15) -> tuple[Visitor, Visitor]:
    """Anna and Ben, who each have one tea in the cart."""
    shop.change_store(reservation_minutes=minutes)
    await shop.server().level("tea", level)
    anna, ben = shop.customer("anna"), shop.customer("ben", replica=1)
    await anna.add("tea")
    await ben.add("tea")
    return anna, ben


async def test_of_two_shoppers_racing_for_the_last_unit_exactly_one_gets_it(shop: Shop):
    shop.change_store(reservation_minutes=15)
    await shop.server().level("tea", 1)
    racing = [shop.customer(f"customer-{n}", replica=n % 2) for n in range(6)]
    for who in racing:
        await who.add("tea")
    got = await asyncio.gather(*(gets(who) for who in racing))
    assert sorted(one["tea"] for one in got) == [0, 0, 0, 0, 0, 1]
    again = await asyncio.gather(*(gets(who) for who in racing))
    assert again == got


async def test_what_is_reserved_and_what_is_short_is_told_line_by_line(shop: Shop):
    shop.change_store(reservation_minutes=15)
    await shop.server().level("tea", 3)
    anna = shop.customer()
    await anna.add("tea", 2, more={"options": {"size": "S"}})
    await anna.add("tea", 2, more={"options": {"size": "L"}})
    cart = await anna.add("unknown", 7)
    made = await reserve(anna)
    assert (made["cart_id"], made["version"]) == (cart["id"], cart["version"])
    lines = [(line["sku"], line["quantity"], line["reserved"], line["short"]) for line in made["lines"]]
    assert lines == [("tea", 2, 2, 0), ("tea", 2, 1, 1), ("unknown", 7, 7, 0)]
    assert made["expires_at"]


async def test_others_see_less_and_who_reserved_sees_no_change(shop: Shop):
    anna, ben = await shoppers(shop)
    assert await gets(anna) == {"tea": 1}
    assert await short_of(anna) == []
    assert await short_of(ben) == [("out_of_stock", "tea", 0)]
    look = await shop.server().look((await ben.cart())["id"])
    assert look["inventory"] == {"tea": 0}
    assert (await shop.server().look((await anna.cart())["id"]))["inventory"] == {"tea": 1}
    done(await anna.ask("DELETE", "/cart/reservation"), 204)
    assert await short_of(ben) == []
    assert await gets(ben) == {"tea": 1}


async def test_a_reservation_ends_by_itself_whether_or_not_anybody_sweeps(shop: Shop):
    anna, ben = await shoppers(shop)
    await reserve(anna)
    await expire(shop)
    assert await short_of(ben) == []
    assert await gets(ben) == {"tea": 1}
    assert await gets(anna) == {"tea": 0}
    await expire(shop)
    await Housekeeping(shop.pool).round()
    assert await shop.pool.fetchval("SELECT count(*) FROM reservations") == 0


async def test_reserving_again_begins_anew_and_lets_go_what_left_the_cart(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    first = await reserve(anna)
    await anna.add("tea")
    second = await reserve(anna)
    assert second["expires_at"] > first["expires_at"]
    assert await gets(ben) == {"tea": 0}
    done(await anna.ask("DELETE", "/cart/lines"))
    assert await gets(anna) == {}
    assert await gets(ben) == {"tea": 1}


async def test_a_level_that_falls_below_what_is_reserved_never_makes_less_than_nothing(shop: Shop):
    anna, ben = await shoppers(shop, level=5)
    await anna.add("tea", 3)
    await reserve(anna)
    await shop.server().level("tea", 2)
    assert await short_of(ben) == [("out_of_stock", "tea", 0)]
    assert await gets(anna) == {"tea": 2}


async def test_an_order_uses_up_its_reservation_and_the_shops_level_settles_it_as_it_falls(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    await anna.add("tea")
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    await ben.add("tea", 2)
    # the shop has not told the level without them yet: they must not be sold twice meanwhile
    assert await gets(ben) == {"tea": 1}
    await shop.server().level("tea", 2)
    assert await gets(ben) == {"tea": 1}, "one of the two is still part of it"
    await shop.server().level("tea", 1)
    assert await gets(ben) == {"tea": 1}
    await shop.server().level("tea", 3)
    assert await gets(ben) == {"tea": 3}


async def tell_level(shop: Shop, available: int, **more: Any) -> None:
    done(await shop.server().ask("PUT", "/inventory/tea", {"available": available} | more))


async def test_the_same_level_again_or_a_higher_one_never_lets_an_orders_hold_go(shop: Shop):
    anna, ben = await shoppers(shop, level=1)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    await tell_level(shop, 1, sequence=1)
    await tell_level(shop, 1, sequence=2, threshold=4, category="drinks")
    assert await gets(ben) == {"tea": 0}
    await tell_level(shop, 2, sequence=3)
    await ben.add("tea")
    assert await gets(ben) == {"tea": 1}
    await tell_level(shop, 1, sequence=4)
    assert await gets(ben) == {"tea": 1}, "and what was put in since is nobody's"


async def test_a_level_of_another_place_never_lets_an_orders_hold_go(shop: Shop):
    anna, ben = await shoppers(shop, level=0)
    await tell_level(shop, 1, location="warsaw")
    await tell_level(shop, 1, location="berlin")
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    await ben.add("tea")
    await tell_level(shop, 0, location="berlin")
    assert await gets(ben) == {"tea": 0}, "the order may be sent from warsaw"
    await tell_level(shop, 3, location="paris")
    await tell_level(shop, 0, location="paris")
    assert await gets(ben) == {"tea": 0}
    await tell_level(shop, 0, location="warsaw")
    await tell_level(shop, 1, location="warsaw")
    assert await gets(ben) == {"tea": 1}, "all that was left lay there, so it was sent from there"


async def test_a_level_settles_no_more_than_it_fell_by_and_the_oldest_hold_first(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    cleo = shop.customer("cleo")
    await cleo.add("tea", 3)
    for who, order_id in ((anna, "o-1"), (ben, "o-2")):
        await reserve(who)
        await shop.server().order(order_id, customer_id="anna" if who is anna else "ben")
    assert await gets(cleo) == {"tea": 1}
    await shop.server().level("tea", 2)
    assert await gets(cleo) == {"tea": 1}, "the other order is still part of it"
    held = "SELECT order_id FROM reservations JOIN carts USING (cart_id) WHERE ordered AND reservations.units > 0"
    assert [row["order_id"] for row in await shop.pool.fetch(held)] == ["o-2"]
    await shop.server().level("tea", 1)
    assert await gets(cleo) == {"tea": 1}


@pytest.mark.parametrize("lines", [[], [{"sku": "tea", "quantity": 3}]])
async def test_a_cancelled_order_lets_go_what_it_held(shop: Shop, lines: list[Any]):
    anna, ben = await shoppers(shop, level=3)
    await anna.add("tea", 2)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna", lines=lines)
    await ben.add("tea", 2)
    assert await gets(ben) == {"tea": 0}
    part = {"type": "cancelled", "lines": [{"sku": "tea", "quantity": 1}]}
    done(await shop.server().ask("POST", "/orders/o-1/events", part), 201)
    assert await gets(ben) == {"tea": 1}
    shop.clock.forward(timedelta(minutes=1))
    done(await shop.server().ask("POST", "/orders/o-1/events", {"type": "cancelled"}), 201)
    assert await gets(ben) == {"tea": 3}


async def test_an_order_that_was_cancelled_before_it_was_told_holds_nothing(shop: Shop):
    anna, ben = await shoppers(shop)
    await reserve(anna)
    handlers = FulfilmentHandlers(shop.pool, shop.clock, lambda *_: None)
    early = WriteRequest("shop", "f:orders", b"")
    await handlers.update("shop", "o-1", UpdateOrder(type="cancelled"), early, answerable=False)
    await shop.server().order("o-1", customer_id="anna")
    assert await gets(ben) == {"tea": 1}


async def test_what_cannot_be_lets_nothing_go(shop: Shop):
    anna, ben = await shoppers(shop)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna")
    done(await shop.server().ask("POST", "/orders/o-1/events", {"type": "shipped"}), 201)
    shop.clock.forward(timedelta(minutes=1))
    refused(await shop.server().ask("POST", "/orders/o-1/events", {"type": "cancelled"}), 409, "order-mismatch")
    handlers = FulfilmentHandlers(shop.pool, shop.clock, lambda *_: None)
    await handlers.update(
        "shop", "o-1", UpdateOrder(type="cancelled"), WriteRequest("shop", "f:orders", b""), answerable=False
    )
    assert await gets(ben) == {"tea": 0}


LESS = {
    "a line that is removed": ("DELETE", "/cart/lines/{line}", None, 0),
    "a line that is reduced": ("PUT", "/cart/lines/{line}", {"quantity": 1}, 1),
    "a line that is set aside": ("POST", "/cart/lines/{line}/save", None, 0),
    "a cart that is emptied": ("DELETE", "/cart/lines", None, 0),
}


@pytest.mark.parametrize("story", LESS)
async def test_less_in_the_cart_is_less_held_back(shop: Shop, story: str):
    method, path, body, left = LESS[story]
    anna, ben = await shoppers(shop, level=3)
    cart = await anna.add("tea", 2)
    await ben.add("tea", 2)
    assert await gets(anna) == {"tea": 3}
    done(await anna.ask(method, path.format(line=cart["lines"][0]["line_id"]), body))
    assert (await shop.server().look((await ben.cart())["id"]))["inventory"] == {"tea": 3 - left}
    assert await gets(ben) == {"tea": 3 - left}
    await anna.add("tea", 3 - left)
    assert (await shop.server().look((await anna.cart())["id"]))["inventory"] == {"tea": left}, "it is not held again"


async def test_a_reservation_that_is_just_being_made_is_let_go_by_a_change_that_waits_for_it(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    cart = await anna.add("tea")
    async with shop.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM carts WHERE cart_id = $1 FOR UPDATE", UUID(cart["id"]))
        line = f"/cart/lines/{cart['lines'][0]['line_id']}"
        waiting = asyncio.create_task(shop.elsewhere(anna).ask("PUT", line, {"quantity": 1}))
        await eventually(lambda: _waiting(shop))
        await reservations.reserve(connection, "shop", UUID(cart["id"]), {"tea": 2}, 15)
    done(await waiting)
    assert await gets(ben) == {"tea": 1}


async def _waiting(shop: Shop) -> list[Any]:
    return list(await shop.pool.fetch("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"))


@pytest.mark.parametrize("mode", ["max", "sum", "guest_wins"])
async def test_a_merged_cart_holds_no_more_than_is_in_it(shop: Shop, mode: str):
    anna, ben = await shoppers(shop, level=9)
    await anna.add("tea", 2)
    await reserve(anna)
    guest = await shop.guest()
    await guest.add("tea", 1)
    await reserve(guest)
    merged = await anna.claim(guest, mode)
    assert held(merged["cart"]) == {"tea": {"max": 3, "sum": 4, "guest_wins": 1}[mode]}
    await ben.add("tea", 8)
    assert await gets(ben) == {"tea": 9 - held(merged["cart"])["tea"]}
    done(await anna.undo(merged["merge"]))
    assert await gets(ben) == {"tea": 9 - min(held(await anna.cart())["tea"], held(merged["cart"])["tea"])}


async def test_a_log_in_revives_nothing_that_was_over(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    await reserve(anna)
    await expire(shop)
    guest = await shop.guest()
    await guest.add("tea")
    await reserve(guest)
    await anna.claim(guest, "sum")
    await ben.add("tea")
    assert await gets(ben) == {"tea": 1}


async def test_an_order_of_a_guest_cart_that_comes_at_log_in_keeps_what_was_held_for_it(shop: Shop):
    anna, ben = await shoppers(shop)
    done(await anna.ask("DELETE", "/cart/lines"))
    guest = await shop.guest()
    await guest.add("tea")
    assert await gets(guest) == {"tea": 1}
    await shop.server().order("o-1", customer_id="anna", lines=[{"sku": "tea", "quantity": 1}])
    await anna.claim(guest)
    assert await shop.pool.fetchval("SELECT units FROM reservations WHERE ordered") == 1
    assert await gets(ben) == {"tea": 0}


async def test_a_cart_that_has_expired_or_was_erased_holds_nothing(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    await reserve(anna)
    await shop.pool.execute("UPDATE carts SET status = 'expired' WHERE customer_id = 'anna'")
    await ben.add("tea")
    assert await gets(ben) == {"tea": 2}
    done(await ben.ask("DELETE", "/cart/reservation"), 204)
    await anna.add("tea")
    await reserve(anna)
    assert await gets(ben) == {"tea": 1}
    done(await shop.server().ask("POST", "/customers/anna/erasure"), 202)
    assert await gets(ben) == {"tea": 2}


async def test_a_copy_and_the_cart_that_an_order_leaves_hold_nothing(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    await anna.add("tea", 2)
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna", lines=[{"sku": "tea", "quantity": 1}])
    await ben.add("tea", 2)
    assert await gets(ben) == {"tea": 2}


async def test_an_order_of_some_units_lets_the_others_go(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    cart = await anna.add("tea")
    await anna.add("tea")
    await reserve(anna)
    await shop.server().order("o-1", customer_id="anna", cart_id=cart["id"], cart_version=cart["version"])
    assert await gets(ben) == {"tea": 1}


async def test_a_log_in_during_the_checkout_keeps_what_was_held_back_for_the_guest(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    guest = await shop.guest()
    await guest.add("tea", 2)
    assert await gets(guest) == {"tea": 2}
    await anna.claim(guest)
    assert await gets(ben) == {"tea": 0}
    assert await gets(anna) == {"tea": 2}


async def test_what_others_hold_back_is_no_room_for_a_merge(shop: Shop):
    anna, ben = await shoppers(shop, level=3)
    await reserve(ben)
    guest = await shop.guest()
    await guest.add("tea", 3)
    merged = await anna.claim(guest)
    assert [line["quantity"] for line in merged["cart"]["lines"]] == [2]


async def test_servers_reserve_for_their_own_stores_carts_alone(shop: Shop):
    anna, ben = await shoppers(shop)
    cart = await anna.cart()
    path = f"/carts/{cart['id']}/reservation"
    assert done(await shop.server().ask("POST", path))["lines"][0]["reserved"] == 1
    assert await gets(ben) == {"tea": 0}
    shop.change_store("other", reservation_minutes=5)
    other = shop.server(OTHER_KEY, "other")
    refused(await other.ask("POST", path), 404, "unknown-cart")
    refused(await other.ask("DELETE", path), 404, "unknown-cart")
    refused(await shop.server().ask("POST", f"/carts/{NO_CART}/reservation"), 404, "unknown-cart")
    done(await shop.server().ask("DELETE", path), 204)
    assert await gets(ben) == {"tea": 1}


async def test_who_insists_on_a_version_reserves_no_other(shop: Shop):
    anna, _ = await shoppers(shop)
    seen = await anna.ask("GET", "/cart")
    await anna.add("tea")
    answer = await anna.ask("POST", "/cart/reservation", If_Match=seen.headers["etag"])
    refused(answer, 412, "version-conflict")
    assert await shop.pool.fetchval("SELECT count(*) FROM reservations") == 0


async def test_a_store_that_holds_nothing_back_says_so(shop: Shop):
    anna, _ = await shoppers(shop, minutes=0)
    refused(await anna.ask("POST", "/cart/reservation"), 409, "reservations-off")
    done(await anna.ask("DELETE", "/cart/reservation"), 204)


async def test_an_empty_hand_reserves_nothing(shop: Shop):
    shop.change_store(reservation_minutes=15)
    made = await reserve(shop.customer("nobody"))
    assert made == {"cart_id": None, "version": 0, "expires_at": None, "lines": []}


async def test_the_same_call_again_holds_nothing_twice(shop: Shop):
    anna, ben = await shoppers(shop, level=2)
    first = await reserve(anna, Idempotency_Key="k-1")
    shop.clock.forward(timedelta(minutes=1))
    assert await reserve(anna, Idempotency_Key="k-1") == first
    assert await gets(ben) == {"tea": 1}
