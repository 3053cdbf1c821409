"""Orders end carts, and are accepted with or without one."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from libs.contracts.events import CartOrdered, OrderedLine, OrderPlaced, OrderReturned
from tests.integration.cart.shop import Shop, done, held, refused


async def test_an_order_closes_the_customers_cart(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 2)
    answer = await shop.server().order("o-1", customer_id="anna", currency="EUR", total=1000)
    assert answer == {"order_id": "o-1", "closed_carts": [cart["id"]], "next_carts": [], "mismatches": []}
    assert (await anna.cart())["id"] is None
    _, ordered, placed = await shop.events()
    assert isinstance(ordered, CartOrdered)
    assert (str(ordered.cart_id), ordered.order_id, ordered.holds) == (cart["id"], "o-1", {})
    assert isinstance(placed, OrderPlaced)
    assert (placed.customer_id, placed.total, placed.skus, str(placed.cart_id)) == ("anna", 1000, ("tea",), cart["id"])
    look = await shop.server().look(cart["id"])
    assert (look["cart"]["status"], held(look["cart"])) == ("ordered", {"tea": 2})


async def test_an_order_of_what_was_never_in_a_cart_is_accepted(shop: Shop):
    lines = [{"sku": "gift", "quantity": 1, "price": 900}]
    answer = await shop.server().order("o-1", customer_id="ben", lines=lines, cart_id=str(uuid4()))
    assert answer["closed_carts"] == []
    [placed] = await shop.events()
    assert isinstance(placed, OrderPlaced)
    assert placed.skus == ("gift",)


async def test_events_of_an_order_tell_what_was_bought_for_how_much_where_and_when(shop: Shop):
    server = shop.server()
    lines = [{"sku": "tea", "quantity": 2, "price": 900}, {"sku": "gift", "quantity": 1}]
    told: dict[str, Any] = {"customer_id": "ben", "currency": "EUR", "total": 2500, "channel": "pos", "lines": lines}
    await server.order("o-1", placed_at="2026-01-05T10:00:00Z", **told)
    assert done(await server.ask("GET", "/orders/o-1"))["channel"] == "pos"
    back = {"type": "returned", "lines": [{"sku": "tea", "quantity": 1}]}
    done(await server.ask("POST", "/orders/o-1/events", back), 201)
    placed, returned = await shop.events()
    assert isinstance(placed, OrderPlaced)
    assert isinstance(returned, OrderReturned)
    for event, total in ((placed, 2500), (returned, 1600)):
        assert (event.total, event.currency, event.channel) == (total, "EUR", "pos")
        assert event.placed_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
        assert event.lines == (OrderedLine(sku="tea", units=2, price=900), OrderedLine(sku="gift", units=1))
    assert placed.status is None


async def test_the_same_order_again_is_the_same_order(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add()
    first = await server.order("o-1", customer_id="anna")
    await anna.add("jam")
    assert await server.order("o-1", 200, customer_id="anna") == first
    assert held(await anna.cart()) == {"jam": 1}
    other = {"order_id": "o-1", "customer_id": "ben"}
    assert refused(await server.ask("POST", "/orders", other), 409, "order-conflict")["field"] == "customer_id"
    assert await shop.count("orders") == 1


async def test_equal_orders_at_once_are_one_order(shop: Shop):
    await shop.customer().add()
    servers = [shop.server(replica=n % 2) for n in range(8)]
    body = {"order_id": "o-1", "customer_id": "anna"}
    answers = await asyncio.gather(*(server.ask("POST", "/orders", body) for server in servers))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert await shop.told() == ["cart.line_added", "cart.ordered", "order.placed"]


async def test_signed_up_during_the_checkout_and_the_guest_cart_ends_with_the_order(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    theirs, own = await guest.add("tea"), await anna.add("jam")
    answer = await shop.server().order("o-1", customer_id="anna", cart_token=guest.headers["X-Cart-Token"])
    assert set(answer["closed_carts"]) == {theirs["id"], own["id"]}
    assert (await guest.cart())["id"] is None
    assert (await anna.cart())["id"] is None


async def test_an_order_of_a_merged_cart_ends_the_cart_that_it_went_into(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    own, theirs = await anna.add("jam"), await guest.add("tea")
    await anna.claim(guest)
    assert (await shop.server().order("o-1", cart_id=theirs["id"]))["closed_carts"] == [own["id"]]


async def test_an_order_of_somebody_else_does_not_end_the_cart_that_a_guest_cart_went_into(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    await anna.add("jam")
    theirs = await guest.add("tea")
    await anna.claim(guest)
    assert (await shop.server().order("o-1", customer_id="ben", cart_id=theirs["id"]))["closed_carts"] == []
    assert held(await anna.cart()) == {"jam": 1, "tea": 1}


async def test_late_lines_never_reopen_a_closed_cart(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    line = f"/cart/lines/{cart['lines'][0]['line_id']}"
    await shop.server(replica=1).order("o-1", customer_id="anna")
    refused(await anna.ask("PUT", line, {"quantity": 5}), 404, "unknown-line")
    late = await anna.add("jam")
    assert late["id"] != cart["id"]
    assert held(late) == {"jam": 1}
    assert (await shop.server().look(cart["id"]))["cart"]["status"] == "ordered"


async def test_what_is_added_while_the_order_is_placed_is_in_one_of_the_carts(shop: Shop):
    for number in range(6):
        anna = shop.customer(f"anna-{number}")
        first = await anna.add("tea")
        answer, _ = await asyncio.gather(
            shop.server(replica=1).order(f"o-{number}", customer_id=f"anna-{number}"), anna.add("jam")
        )
        assert answer["closed_carts"] == [first["id"]]
        ordered = held((await shop.server().look(first["id"]))["cart"])
        assert ordered | held(await anna.cart()) == {"tea": 1, "jam": 1}


async def test_a_forged_cart_token_does_not_stop_an_order(shop: Shop):
    assert (await shop.server().order("o-1", cart_token="g1_forged"))["closed_carts"] == []


async def test_an_order_of_one_store_leaves_the_others_carts_alone(shop: Shop):
    cart = await shop.customer(store="other").add()
    answer = await shop.server().order("o-1", customer_id="anna", cart_id=cart["id"])
    assert answer["closed_carts"] == []
    assert held(await shop.customer(store="other").cart()) == {"tea": 1}


async def test_a_customers_carts_are_listed_newest_first(shop: Shop):
    anna, server = shop.customer(), shop.server()
    for number in range(3):
        await anna.add(f"sku-{number}")
        await server.order(f"o-{number}", customer_id="anna")
    await anna.add("tea")
    found = done(await server.ask("GET", "/carts?customer_id=anna"))["carts"]
    assert [next(iter(held(cart))) for cart in found] == ["tea", "sku-2", "sku-1", "sku-0"]
    assert [cart["status"] for cart in found] == ["active", "ordered", "ordered", "ordered"]
    assert len(done(await server.ask("GET", "/carts?customer_id=anna&limit=2"))["carts"]) == 2
    assert done(await server.ask("GET", "/carts?customer_id=nobody"))["carts"] == []
