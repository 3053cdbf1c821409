"""An order that is told again: a replay, more than was known of it, or another try at paying."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import OrderedLine, OrderPlaced
from tests.integration.cart.shop import Shop, Visitor, done, held, refused

MINUTE = timedelta(minutes=1)


def tea(units: int, price: int | None = None) -> list[dict[str, Any]]:
    return [{"sku": "tea", "quantity": units} | ({"price": price} if price else {})]


async def placed(shop: Shop) -> list[OrderPlaced]:
    return [event for event in await shop.events() if isinstance(event, OrderPlaced)]


async def fail(shop: Shop, kind: str = "payment_failed", **more: Any) -> Any:
    shop.clock.forward(MINUTE)
    given = {"type": kind} | ({"reopen": True} if kind == "cancelled" else {}) | more
    known = done(await shop.server().ask("POST", "/orders/o-1/events", given), 201)
    shop.clock.forward(MINUTE)
    return known


async def status(server: Visitor) -> str:
    return str(done(await server.ask("GET", "/orders/o-1"))["status"])


@pytest.mark.parametrize(
    ("told", "field", "of_cart", "of_order"),
    [
        ({"total": 900}, "total", 1000, 900),
        ({"currency": "PLN"}, "currency", "EUR", "PLN"),
        ({"lines": tea(1)}, "units", 2, 1),
        ({"lines": tea(3)}, "units", 2, 3),
        ({"lines": tea(2, 400)}, "price", 500, 400),
    ],
)
async def test_what_another_system_tells_of_an_order_and_does_not_agree_is_stored_and_told(
    shop: Shop, told: dict[str, Any], field: str, of_cart: Any, of_order: Any
):
    """Before, a total that came later was compared with nothing, and what was found was told to nobody."""
    cart = await shop.customer().add("tea", 2)
    await shop.server().order("o-1", customer_id="anna")
    again = await shop.server().order("o-1", 200, **told)
    mismatch = {"cart_id": cart["id"], "field": field, "cart": of_cart, "order": of_order}
    assert [{k: v for k, v in one.items() if k != "sku"} for one in again["mismatches"]] == [mismatch]
    assert done(await shop.server().ask("GET", "/orders/o-1"))["mismatches"] == again["mismatches"]
    first, event = await placed(shop)
    assert (first.told_before, event.told_before) == (None, True)
    assert (event.customer_id, str(event.cart_id), event.key()) == ("anna", cart["id"], first.key())
    assert [one.model_dump(mode="json") for one in event.mismatches or ()] == again["mismatches"]
    assert await shop.server().order("o-1", 200, **told) == again
    assert len(await placed(shop)) == 2, "a retry is a replay"


async def test_what_agrees_or_was_told_before_is_not_told_again(shop: Shop):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    await server.order("o-1", customer_id="anna", lines=tea(3))
    again = await server.order("o-1", 200, cart_id=cart["id"], lines=tea(3))
    assert [one["field"] for one in again["mismatches"]] == ["units"]
    assert [len(one.mismatches or ()) for one in await placed(shop)] == [1]


async def test_what_agrees_and_was_not_known_is_told_with_where_the_order_stands(shop: Shop):
    """Whoever counts what customers have spent has to hear of a total that comes later."""
    server = shop.server()
    await server.order("o-1", customer_id="anna", lines=tea(3))
    done(await server.ask("POST", "/orders/o-1/events", {"type": "shipped"}), 201)
    more = {"currency": "EUR", "total": 1500, "channel": "pos", "lines": tea(3, 500)}
    await server.order("o-1", 200, **more)
    await server.order("o-1", 200, **more)
    first, second = await placed(shop)
    assert (first.told_before, first.status, first.total, first.channel) == (None, None, None, None)
    assert (second.told_before, second.status, second.mismatches) == (True, "shipped", None)
    assert (second.customer_id, second.total, second.currency, second.channel) == ("anna", 1500, "EUR", "pos")
    assert second.lines == (OrderedLine(sku="tea", units=3, price=500),)
    assert second.placed_at == first.placed_at


async def test_lines_that_come_later_take_from_a_named_cart_only_what_was_not_found_yet(shop: Shop):
    anna, guest, server = shop.customer(), await shop.guest(), shop.server()
    await anna.add("tea")
    await guest.add("tea", 2)
    await server.order("o-1", customer_id="anna")
    token = guest.headers["X-Cart-Token"]
    again = await server.order("o-1", 200, customer_id="anna", cart_token=token, lines=tea(2))
    assert (again["mismatches"], held(await guest.cart())) == ([], {"tea": 1})


ENDINGS = [("payment_failed", "payment_failed"), ("cancelled", "cancelled")]


@pytest.mark.parametrize(("kind", "ended"), ENDINGS)
async def test_paying_again_closes_the_reopened_cart(shop: Shop, kind: str, ended: str):
    anna, server = shop.customer(), shop.server()
    cart = await anna.add("tea", 2)
    body: dict[str, Any] = {"customer_id": "anna", "currency": "EUR", "total": 1000, "lines": tea(2)}
    await server.order("o-1", **body)
    assert (await fail(shop, kind))["status"] == ended
    back = await anna.cart()
    again = await server.order("o-1", 200, **body)
    assert (again["closed_carts"], again["mismatches"]) == ([back["id"]], [])
    assert ((await anna.cart())["id"], await status(server)) == (None, "placed")
    first, second = await placed(shop)
    assert (str(first.cart_id), str(second.cart_id), second.told_before) == (cart["id"], back["id"], True)
    assert await server.order("o-1", 200, **body) == again
    assert len(await placed(shop)) == 2, "and that one again is a replay"


async def test_each_try_that_fails_gives_back_what_it_took_once(shop: Shop):
    shop.change_store(merge="sum")
    anna, server = shop.customer(), shop.server()
    await anna.add("tea", 2)
    await server.order("o-1", customer_id="anna")
    for units in (2, 3, 4):
        assert (await fail(shop))["status"] == "payment_failed"
        assert held(await anna.cart()) == {"tea": units}
        await anna.add("tea")
        again = await server.order("o-1", 200, customer_id="anna", lines=tea(units + 1), total=500 * (units + 1))
        assert (len(again["closed_carts"]), again["mismatches"]) == (1, [])
        assert (await anna.cart())["id"] is None
    known = await fail(shop, "cancelled")
    assert (known["status"], known["total"], known["lines"]) == ("cancelled", 2500, tea(5))
    assert held(await anna.cart()) == {"tea": 5}


async def test_equal_tries_at_once_are_one(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 2)
    body = {"order_id": "o-1", "customer_id": "anna"}
    done(await shop.server().ask("POST", "/orders", body), 201)
    await fail(shop)
    tries = [shop.server(replica=n % 2).ask("POST", "/orders", body) for n in range(6)]
    answers = await asyncio.gather(*tries)
    assert len({answer.content for answer in answers}) == 1
    assert len(await placed(shop)) == 2


async def test_a_replay_of_the_first_try_leaves_the_reopened_cart_alone(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea")
    body: dict[str, Any] = {"customer_id": "anna", "placed_at": shop.clock().isoformat()}
    keyed = {"Idempotency_Key": "k-1"}
    first = done(await server.ask("POST", "/orders", {"order_id": "o-1"} | body, **keyed), 201)
    await fail(shop)
    replay = await server.ask("POST", "/orders", {"order_id": "o-1"} | body, **keyed)
    assert (replay.status_code, replay.json()) == (201, first)
    assert (await server.order("o-1", 200, **body))["closed_carts"] == first["closed_carts"]
    late = await server.order("o-1", 200, **body, total=500, cart_token="g1_forged")
    assert late["closed_carts"] == first["closed_carts"], "another system was late"
    assert (held(await anna.cart()), await status(server)) == ({"tea": 1}, "payment_failed")
    told = [(one.told_before, one.status, one.total) for one in await placed(shop)]
    assert told == [(None, None, None), (True, "payment_failed", 500)], "that total was not known"


async def test_a_try_says_by_its_time_or_by_its_cart_that_it_is_one(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea")
    at = shop.clock().isoformat()
    await server.order("o-1", customer_id="anna", placed_at=at)
    await fail(shop)
    back = await anna.cart()
    named = await server.order("o-1", 200, customer_id="anna", placed_at=at, cart_id=back["id"], cart_version=1)
    assert (named["closed_carts"], named["mismatches"]) == ([back["id"]], [])
    await fail(shop)
    later = await server.order("o-1", 200, customer_id="anna", placed_at=shop.clock().isoformat())
    assert (len(later["closed_carts"]), (await anna.cart())["id"]) == (1, None)


async def test_a_guest_pays_again_with_the_cart_that_was_ordered_first(shop: Shop):
    guest, server = await shop.guest(), shop.server()
    cart = await guest.add("tea", 2)
    body = {"cart_id": cart["id"], "cart_version": 1, "lines": tea(2)}
    await server.order("o-1", **body)
    await fail(shop)
    back = await guest.cart()
    again = await server.order("o-1", 200, **body)
    assert (again["closed_carts"], again["mismatches"]) == ([back["id"]], [])
    assert (await guest.cart())["id"] is None


async def test_the_cart_that_was_merged_since_is_closed_by_the_next_try(shop: Shop):
    guest, anna, server = await shop.guest(), shop.customer(), shop.server()
    await guest.add("tea")
    at = shop.clock().isoformat()
    await server.order("o-1", cart_token=guest.headers["X-Cart-Token"], placed_at=at)
    await fail(shop)
    own = await anna.add("jam")
    await anna.claim(guest)
    again = await server.order("o-1", 200, customer_id="anna", cart_id=own["id"], placed_at=at, lines=tea(1))
    assert (again["closed_carts"], held(await anna.cart())) == ([own["id"]], {"jam": 1})


async def test_what_it_does_not_say_is_as_it_was_and_the_rest_lives_on(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea", 2)
    await server.order("o-1", customer_id="anna", lines=tea(2), total=1000, currency="EUR")
    await fail(shop)
    await anna.add("jam")
    await server.order("o-1", 200, customer_id="anna")
    known = done(await server.ask("GET", "/orders/o-1"))
    assert (known["status"], known["total"], known["lines"]) == ("placed", 1000, tea(2))
    assert held(await anna.cart()) == {"jam": 1}
    assert (await server.look((await anna.cart())["id"]))["silent_since"] is not None


async def test_another_customers_order_is_no_other_try(shop: Shop):
    anna, ben, server = shop.customer(), shop.customer("ben"), shop.server()
    await anna.add("tea")
    await ben.add("jam")
    await server.order("o-1", customer_id="anna")
    await fail(shop)
    other = {"order_id": "o-1", "customer_id": "ben"}
    assert refused(await server.ask("POST", "/orders", other), 409, "order-conflict")["field"] == "customer_id"
    assert (held(await anna.cart()), held(await ben.cart())) == ({"tea": 1}, {"jam": 1})


async def test_an_order_that_kept_its_goods_is_not_placed_anew(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea")
    first = await server.order("o-1", customer_id="anna")
    await anna.add("jam")
    await fail(shop, "cancelled", reopen=False)
    assert await server.order("o-1", 200, customer_id="anna") == first
    assert (held(await anna.cart()), await status(server)) == ({"jam": 1}, "cancelled")


async def test_what_ended_the_first_try_and_comes_late_says_nothing_of_the_second(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add("tea")
    await server.order("o-1", customer_id="anna")
    before = shop.clock().isoformat()
    await fail(shop)
    await server.order("o-1", 200, customer_id="anna")
    late = done(await server.ask("POST", "/orders/o-1/events", {"type": "cancelled", "occurred_at": before}), 201)
    assert (late["status"], (await anna.cart())["id"]) == ("placed", None)
    shop.clock.forward(MINUTE)
    assert done(await server.ask("POST", "/orders/o-1/events", {"type": "shipped"}), 201)["status"] == "shipped"


async def test_what_the_second_try_holds_is_let_go_as_that_of_the_first(shop: Shop):
    shop.change_store(reservation_minutes=15)
    anna, server = shop.customer(), shop.server()
    await server.level("tea", 2)
    await anna.add("tea", 2)
    await server.order("o-1", customer_id="anna")
    await fail(shop)
    done(await anna.ask("POST", "/cart/reservation"))
    await server.order("o-1", 200, customer_id="anna")
    ben = shop.customer("ben")
    cart = await ben.add("tea")
    assert (await server.look(cart["id"]))["inventory"] == {"tea": 0}
    await fail(shop)
    assert (await server.look(cart["id"]))["inventory"] == {"tea": 2}


async def test_carts_of_every_try_are_erased_with_their_customer(shop: Shop):
    guest, server = await shop.guest(), shop.server()
    await guest.add("tea")
    token = guest.headers["X-Cart-Token"]
    await server.order("o-1", cart_token=token)
    await fail(shop)
    await server.order("o-1", 200, cart_token=token, customer_id="anna")
    assert await shop.count("carts") == 2
    exported = done(await server.ask("GET", "/customers/anna/export"))
    assert len(exported["orders"][0]["closed_carts"]) == 2
    done(await server.ask("POST", "/customers/anna/erasure"), 202)
    assert await shop.count("carts") == 0
