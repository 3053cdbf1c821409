"""What is held back for one shopper is not there for others, for some minutes; the last unit goes to exactly one."""

import asyncio
from datetime import timedelta

from services.cart.jobs.housekeeping import Housekeeping
from tests.integration.cart.reserving import expire, gets, reserve, shoppers, short_of
from tests.integration.cart.shop import OTHER_KEY, Shop, done, refused

NO_CART = "00000000-0000-7000-8000-000000000000"


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
