"""How carts are merged at log-in, what the receipt says, and what an undo brings back, whatever races with it."""

import asyncio
from datetime import timedelta
from typing import Any

from libs.contracts.events import CartEvent, CartMerged
from services.cart.jobs.housekeeping import Housekeeping
from tests.integration.cart.shop import Shop, done, held, refused


def aside(cart: Any) -> dict[str, int]:
    """Units by sku that are set aside."""
    return {line["sku"]: line["quantity"] for line in cart["saved"]}


async def test_the_mode_of_a_call_comes_before_the_stores(shop: Shop):
    expected = {
        "max": ({"tea": 5, "milk": 1, "jam": 1}, {}),
        "sum": ({"tea": 7, "milk": 1, "jam": 1}, {}),
        "guest_wins": ({"tea": 2, "milk": 1, "jam": 1}, {}),
        "customer_wins": ({"tea": 5, "milk": 1, "jam": 1}, {}),
        "save_for_later": ({"tea": 2, "jam": 1}, {"tea": 5, "milk": 1}),
    }
    for mode, (there, saved) in expected.items():
        guest, person = await shop.guest(), shop.customer(mode)
        await person.add("tea", 5)
        await person.add("milk")
        await guest.add("tea", 2)
        await guest.add("jam")
        answer = await person.claim(guest, mode)
        assert (held(answer["cart"]), aside(answer["cart"])) == (there, saved)
        assert answer["merge"]["mode"] == mode
        assert (held(await person.cart()), aside(await person.cart())) == (there, saved)


async def test_each_store_has_a_mode_of_its_own(shop: Shop):
    for store, units in (("shop", 3), ("other", 5)):
        guest, anna = await shop.guest(store=store), shop.customer(store=store)
        await anna.add("tea", 2)
        await guest.add("tea", 3)
        assert held((await anna.claim(guest))["cart"]) == {"tea": units}


async def test_whole_carts_are_not_kept_once_nothing_can_be_undone(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    receipt = (await anna.claim(guest))["merge"]
    await shop.pool.execute("UPDATE merges SET undo_until = now() - interval '1 s'")
    await Housekeeping(shop.pool).round()
    assert await shop.pool.fetchval("SELECT count(undoing) FROM merges") == 0
    assert done(await anna.ask("GET", "/cart/merges"))["merges"] == [receipt]
    refused(await anna.undo(receipt), 410, "undo-expired")


async def test_a_mode_that_is_none_is_refused(shop: Shop):
    guest = await shop.guest()
    body = {"cart_token": guest.headers["X-Cart-Token"], "mode": "newest"}
    refused(await shop.customer().ask("POST", "/cart/claim", body), 422, "invalid-request")


async def test_receipts_are_listed_newest_first_and_only_to_their_customer(shop: Shop):
    phone, tablet, anna = await shop.guest(), await shop.guest(), shop.customer()
    await phone.add("tea", X_Device="phone")
    await tablet.add("jam", X_Device="tablet")
    first = (await anna.claim(phone))["merge"]
    second = (await anna.claim(tablet))["merge"]
    listed = done(await anna.ask("GET", "/cart/merges"))["merges"]
    assert listed == [second, first]
    assert [line["device"] for receipt in listed for line in receipt["lines"]] == ["tablet", "phone"]
    assert done(await shop.customer("ben").ask("GET", "/cart/merges"))["merges"] == []
    refused(await phone.ask("GET", "/cart/merges"), 403, "forbidden")
    refused(await shop.customer("ben").undo(first), 404, "unknown-merge")


async def test_an_undo_gives_the_guest_its_cart_again_and_keeps_what_came_since(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("tea", 1)
    before = await guest.add("tea", 3)
    await guest.add("jam", 2)
    receipt = (await anna.claim(guest))["merge"]
    await anna.add("milk", 4)
    answer = done(await anna.undo(receipt))
    assert held(answer["cart"]) == {"tea": 1, "milk": 4}
    assert answer["merge"]["undone_at"]
    again = await shop.elsewhere(guest).cart()
    assert (held(again), again["id"]) == ({"tea": 3, "jam": 2}, answer["restored_cart_id"])
    assert again["id"] != before["id"], "a cart that was merged away stays closed"
    events = await shop.events()
    told = [event for event in events[-2:] if isinstance(event, CartMerged)]
    assert [event.holds for event in told] == [{"tea": 1, "milk": 4}, {"tea": 3, "jam": 2}]
    refused(await anna.undo(receipt), 409, "merge-undone")
    assert held((await anna.claim(guest))["cart"]) == {"tea": 3, "jam": 2, "milk": 4}


async def test_an_undo_of_a_cart_that_was_taken_over_whole(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea", 2)
    receipt = (await anna.claim(guest))["merge"]
    await anna.add("milk")
    assert held(done(await anna.undo(receipt))["cart"]) == {"milk": 1}
    assert held(await guest.cart()) == {"tea": 2}


async def test_an_undo_adds_to_the_cart_that_the_device_has_begun_since(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea", 2)
    receipt = (await anna.claim(guest))["merge"]
    begun = await guest.add("tea", 1)
    answer = done(await anna.undo(receipt))
    assert (answer["restored_cart_id"], held(await guest.cart())) == (begun["id"], {"tea": 3})


async def test_an_undo_is_possible_for_24_hours(shop: Shop):
    guest, anna = await shop.guest(), shop.customer(exp=4_000_000_000)
    await guest.add("tea")
    receipt = (await anna.claim(guest))["merge"]
    shop.clock.forward(timedelta(hours=24))
    refused(await anna.undo(receipt), 410, "undo-expired")
    assert held(await anna.cart()) == {"tea": 1}


async def test_after_an_order_nothing_is_left_to_undo(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    receipt = (await anna.claim(guest))["merge"]
    await shop.server().order("o-1", customer_id="anna")
    problem = refused(await anna.undo(receipt), 409, "merge-settled")
    assert problem["cart_status"] == "ordered"
    assert held(await guest.cart()) == {}, "what was bought does not come to the guest again"


async def test_an_undo_whose_answer_was_lost_is_told_again(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea")
    receipt = (await anna.claim(guest))["merge"]
    first = done(await anna.undo(receipt, Idempotency_Key="u-1"))
    assert done(await shop.elsewhere(anna).undo(receipt, Idempotency_Key="u-1")) == first


async def test_an_undo_that_races_with_adds_loses_none_of_them(shop: Shop):
    for number in range(6):
        guest, anna = await shop.guest(), shop.customer(f"anna-{number}")
        await anna.add("tea")
        await guest.add("tea", 3)
        receipt = (await anna.claim(guest))["merge"]
        adds = (shop.elsewhere(anna).add("tea"), anna.add("milk"), shop.elsewhere(guest).add("jam"))
        done((await asyncio.gather(anna.undo(receipt), *adds))[0])
        assert held(await anna.cart()) == {"tea": 2, "milk": 1}
        assert held(await guest.cart()) == {"tea": 3, "jam": 1}


async def test_two_undos_that_race_undo_once(shop: Shop):
    for number in range(4):
        guest, anna = await shop.guest(), shop.customer(f"anna-{number}")
        await guest.add("tea", 3)
        receipt = (await anna.claim(guest))["merge"]
        answers = await asyncio.gather(anna.undo(receipt), shop.elsewhere(anna).undo(receipt))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert (held(await anna.cart()), held(await guest.cart())) == ({}, {"tea": 3})


async def test_versions_and_holds_tell_one_story_through_merge_and_undo(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("tea", 2)
    await guest.add("tea", 9)
    await guest.add("jam")
    receipt = (await anna.claim(guest, "save_for_later"))["merge"]
    done(await anna.undo(receipt))
    by_cart: dict[Any, list[Any]] = {}
    for event in await shop.events():
        assert isinstance(event, CartEvent)
        by_cart.setdefault(event.cart_id, []).append(event)
    for told in by_cart.values():
        assert [event.cart_version for event in told] == list(range(1, len(told) + 1))
        assert all(event.units == sum(event.holds.values()) for event in told)
    cart, back = await anna.cart(), await guest.cart()
    last = {str(cart_id): told[-1] for cart_id, told in by_cart.items()}
    assert (last[cart["id"]].holds, last[cart["id"]].cart_version) == ({"tea": 2}, cart["version"])
    assert (last[back["id"]].holds, last[back["id"]].customer_id) == ({"tea": 9, "jam": 1}, None)
