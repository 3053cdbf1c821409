"""Orders that name no version: what was there when they were placed, or the lines that they name by sku."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.contracts.events import CartOrdered, LineAdded
from tests.integration.cart.shop import Shop, Visitor, done, held, refused

MINUTE = timedelta(minutes=1)


def at(moment: datetime) -> str:
    return moment.isoformat()


def bought(**units: int) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


async def set_to(visitor: Visitor, cart: Any, quantity: int) -> Any:
    line_id = cart["lines"][0]["line_id"]
    return done(await visitor.ask("PUT", f"/cart/lines/{line_id}", {"quantity": quantity}))


async def test_a_late_order_takes_what_was_there_when_it_was_placed(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 2)
    placed_at = shop.clock.now
    for quantity in (5, 1, 4):
        shop.clock.forward(10 * MINUTE)
        await set_to(anna, cart, quantity)
    await anna.add("jam")
    answer = await shop.server().order("o-1", customer_id="anna", placed_at=at(placed_at))
    assert answer["closed_carts"] == [cart["id"]]
    assert held((await shop.server().look(cart["id"]))["cart"]) == {"tea": 2}
    assert held(await anna.cart()) == {"tea": 2, "jam": 1}


async def test_a_late_order_between_two_changes_takes_what_stood_there_between_them(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 2)
    shop.clock.forward(10 * MINUTE)
    await set_to(anna, cart, 5)
    between = shop.clock.now + MINUTE
    shop.clock.forward(10 * MINUTE)
    await set_to(anna, cart, 9)
    await shop.server().order("o-1", customer_id="anna", placed_at=at(between))
    assert held(await anna.cart()) == {"tea": 4}


async def test_a_cart_that_was_begun_after_the_order_stays_as_it_is_and_so_does_its_reminder(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    answer = await shop.server().order("o-1", customer_id="anna", placed_at=at(shop.clock.now - 10 * MINUTE))
    assert (answer["closed_carts"], answer["next_carts"]) == ([], [])
    assert (await anna.cart())["version"] == cart["version"]
    assert await shop.told() == ["cart.line_added", "order.placed"]


async def test_clocks_that_disagree_do_not_leave_what_the_order_names(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 2)
    await anna.add("jam")
    order: dict[str, Any] = {"customer_id": "anna", "placed_at": at(shop.clock.now - MINUTE), "lines": bought(tea=2)}
    await shop.server().order("o-1", **order)
    assert held(await anna.cart()) == {"jam": 1}


async def test_a_change_of_the_quantity_is_known_by_its_time_also_after_a_merge(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await guest.add("tea", 2)
    placed_at = shop.clock.now
    shop.clock.forward(10 * MINUTE)
    await guest.add("tea", 1)
    await anna.claim(guest)
    await shop.server().order("o-1", customer_id="anna", placed_at=at(placed_at))
    assert held(await anna.cart()) == {"tea": 1}


async def test_a_partial_order_takes_its_skus_and_the_rest_is_reminded_of(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 3)
    cart = await anna.add("jam")
    answer = await shop.server().order("o-1", customer_id="anna", partial=True, lines=bought(tea=2))
    rest = await anna.cart()
    assert answer["next_carts"] == [rest["id"]]
    assert held(rest) == {"tea": 1, "jam": 1}
    assert held((await shop.server().look(cart["id"]))["cart"]) == {"tea": 2}
    told = [event for event in await shop.events() if isinstance(event, (LineAdded, CartOrdered))]
    assert [event.holds for event in told[2:]] == [{}, {"tea": 1}, {"tea": 1, "jam": 1}]


async def test_a_partial_order_of_lines_and_skus_takes_each_once(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 2, more={"options": {"size": "S"}})
    cart = await anna.add("tea", 2, more={"options": {"size": "L"}})
    large = next(line["line_id"] for line in cart["lines"] if line["options"]["size"] == "L")
    lines = [{"sku": "tea", "quantity": 1, "line_id": large}, {"sku": "tea", "quantity": 2}]
    await shop.server().order("o-1", customer_id="anna", partial=True, lines=lines)
    left = {line["options"]["size"]: line["quantity"] for line in (await anna.cart())["lines"]}
    assert left == {"L": 1}


async def test_a_partial_order_of_nothing_in_the_cart_leaves_it_alone(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    assert (await shop.server().order("o-1", customer_id="anna", partial=True, lines=bought(cap=1)))[
        "closed_carts"
    ] == []
    assert (await anna.cart())["version"] == cart["version"]


@pytest.mark.parametrize("wrong", [{"partial": True}, {"placed_at": "yesterday"}, {"placed_at": "2026-01-01T00:00:00"}])
async def test_an_order_that_cannot_be_understood_changes_nothing(shop: Shop, wrong: dict[str, Any]):
    anna = shop.customer()
    await anna.add("tea")
    body = {"order_id": "o-1", "customer_id": "anna"} | wrong
    refused(await shop.server().ask("POST", "/orders", body), 422, "invalid-request")
    assert held(await anna.cart()) == {"tea": 1}
    assert await shop.count("orders") == 0


async def test_two_systems_tell_of_one_order_and_each_ends_the_carts_that_it_knows(shop: Shop):
    """Signed up during the checkout: one system knows the customer, the other the device."""
    guest, anna = await shop.guest(), shop.customer()
    own, theirs = await anna.add("tea"), await guest.add("tea", 2)
    first = await shop.server().order("o-1", customer_id="anna", total=500)
    assert first["closed_carts"] == [own["id"]]
    shop.clock.forward(MINUTE)
    await guest.add("jam")
    token = guest.headers["X-Cart-Token"]
    again = await shop.server().order("o-1", 200, customer_id="anna", cart_token=token)
    assert again["closed_carts"] == [own["id"], theirs["id"]]
    assert held(await guest.cart()) == {"jam": 1}
    assert await shop.server().order("o-1", 200, customer_id="anna", cart_token=token) == again
    assert (await shop.told()).count("order.placed") == 1


async def test_an_order_told_again_does_not_take_what_it_had_left(shop: Shop):
    anna = shop.customer()
    await anna.add("tea")
    cart = await anna.add("jam")
    await shop.server().order("o-1", customer_id="anna", partial=True, lines=bought(tea=1))
    again: dict[str, Any] = {"customer_id": "anna", "cart_id": cart["id"], "lines": bought(tea=1), "total": 500}
    await shop.server().order("o-1", 200, **again)
    assert held(await anna.cart()) == {"jam": 1}


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"customer_id": "ben"}, "customer_id"),
        ({"currency": "PLN"}, "currency"),
        ({"total": 499}, "total"),
        ({"lines": bought(tea=2)}, "lines"),
    ],
)
async def test_an_order_at_odds_with_the_one_that_is_known_is_refused(shop: Shop, other: dict[str, Any], field: str):
    first: dict[str, Any] = {"customer_id": "anna", "currency": "EUR", "total": 500, "lines": bought(tea=1)}
    await shop.server().order("o-1", **first)
    ben = shop.customer("ben")
    await ben.add("tea")
    problem = refused(await shop.server().ask("POST", "/orders", {"order_id": "o-1"} | other), 409, "order-conflict")
    assert problem["field"] == field
    assert held(await ben.cart()) == {"tea": 1}
