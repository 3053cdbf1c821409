"""`orders.feed`: what the shop's systems tell by Kafka is what they could have told by the API, once in effect."""

import json
from datetime import UTC, datetime

from tests.integration.cart.feeding import Feeding
from tests.integration.cart.shop import Shop, held

FEED = "orders.feed"


def placed(order_id: str = "o-1", **more):
    record = {
        "type": "placed",
        "store_id": "shop",
        "order_id": order_id,
        "occurred_at": f"{datetime.now(UTC):%FT%T.%fZ}",
    }
    return record | more


async def test_an_order_by_feed_ends_the_customers_cart(shop: Shop, feed: Feeding):
    anna = shop.customer()
    await anna.add("tea", 2)
    assert await feed.read(shop, FEED, placed(customer_id="anna", total=1000)) == []
    assert (await anna.cart())["id"] is None
    assert await shop.told() == ["cart.line_added", "cart.ordered", "order.placed"]


async def test_the_same_order_by_api_and_by_feed_is_one(shop: Shop, feed: Feeding):
    anna = shop.customer()
    await anna.add("tea")
    first = await shop.server().order("o-1", customer_id="anna")
    await anna.add("jam")
    assert await feed.read(shop, FEED, *[placed(customer_id="anna")] * 3) == []
    assert held(await anna.cart()) == {"jam": 1}
    assert await shop.server().order("o-1", 200, customer_id="anna") == first
    assert await shop.count("orders") == 1


async def test_what_cannot_be_read_is_put_aside_with_the_reason_and_the_rest_is_taken_in(shop: Shop, feed: Feeding):
    junk = [b"{poison", None, b"\xff", b"[]", {}, placed() | {"type": "packed"}, placed(store_id="nowhere")]
    junk += [placed() | {"order_id": ""}, placed() | {"occurred_at": "yesterday"}, placed(total="Zoe")]
    dead = await feed.read(shop, FEED, *junk, placed("o-2", colour="blue", lines=[{"sku": "t", "quantity": 1, "x": 1}]))
    assert [value for value, _ in dead] == [
        x if isinstance(x, bytes) or x is None else json.dumps(x).encode() for x in junk
    ]
    reasons = [reason.partition(":")[0] for _, reason in dead]
    assert reasons[-6:] == ["type", "type", "store_id", "order_id", "occurred_at", "total"]
    assert "Zoe" not in str([reason for _, reason in dead])
    assert await shop.count("orders") == 1


async def test_an_order_at_odds_with_the_known_one_is_put_aside_and_changes_nothing(shop: Shop, feed: Feeding):
    await shop.customer("ben").add("tea")
    await shop.server().order("o-1", customer_id="anna")
    [(_, reason)] = await feed.read(shop, FEED, placed(customer_id="ben"), placed("o-2", customer_id="cleo"))
    assert reason.startswith("order-conflict")
    assert held(await shop.customer("ben").cart()) == {"tea": 1}
    assert await shop.count("orders") == 2
