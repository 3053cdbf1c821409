"""`orders.feed`: what the shop's systems tell by Kafka is what they could have told by the API, once in effect."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.contracts.events import OrderCancelled
from libs.inbox.consumer import Received, Refused
from libs.inbox.records import Wire
from services.cart.feeds.orders import OrderFeed
from services.cart.handlers.orders.fulfilment import FulfilmentHandlers
from services.cart.handlers.orders.orders import OrderHandlers
from services.cart.jobs.housekeeping import Housekeeping
from services.cart.main import authenticators
from tests.integration.cart.feeding import Feeding
from tests.integration.cart.shop import TOKEN_SECRET, Shop, done, held, settings

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


def happened(kind: str, minutes: int, order_id: str = "o-1", **more):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return {"type": kind, "store_id": "shop", "order_id": order_id, "occurred_at": at.isoformat()} | more


async def take(shop: Shop, *records: dict[str, Any]) -> list[str]:
    """Hands records to the feed as the inbox does, one batch each; the reasons of those that are refused."""
    book = authenticators(settings())
    committed = lambda *_: None  # noqa: E731 - nobody listens
    feed = OrderFeed(
        OrderHandlers(shop.pool, shop.clock, committed, TOKEN_SECRET.encode()),
        FulfilmentHandlers(shop.pool, shop.clock, committed),
        book,
    )
    refused = list[Refused[Any]]()
    for offset, record in enumerate(records):
        read = feed.read(Wire(FEED, None, {}, json.dumps(record).encode()))
        refused += await feed.handle([Received(read, FEED, 0, offset, datetime.now(UTC))])
    return [one.reason for one in refused]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_records_in_any_order_and_twice_end_in_the_same(shop: Shop, order: tuple[int, ...]):
    anna = shop.customer()
    await anna.add("tea", 2)
    lines = [{"sku": "tea", "quantity": 2}]
    story = [placed(customer_id="anna", lines=lines), happened("shipped", 1), happened("delivered", 2)]
    story.append(happened("returned", 3, lines=[{"sku": "tea", "quantity": 1}]))
    assert await take(shop, *(story[n] for n in order), *(story[n] for n in reversed(order))) == []
    history = done(await shop.server().ask("GET", "/orders/o-1"))
    assert [fact["type"] for fact in history["events"]] == ["shipped", "delivered", "returned"]
    assert [fact["mismatch"] for fact in history["events"]] == [None] * 3
    assert history["status"] == "delivered"
    told = [name for name in await shop.told() if name.startswith("order.")]
    assert sorted(told) == ["order.delivered", "order.placed", "order.returned", "order.shipped"]
    assert told[0] == "order.placed"
    assert (await anna.cart())["id"] is None


async def test_what_cannot_be_is_written_down_and_told_as_a_mismatch(shop: Shop):
    story = [placed(customer_id="anna"), happened("delivered", 1), happened("cancelled", 2)]
    assert await take(shop, *story) == []
    event = (await shop.events())[-1]
    assert isinstance(event, OrderCancelled)
    assert (event.status, event.mismatch) == ("delivered", "status")
    assert done(await shop.server().ask("GET", "/orders/o-1"))["events"][-1]["mismatch"] == "status"


async def test_a_fact_that_comes_late_and_contradicts_a_later_one_is_a_mismatch(shop: Shop):
    assert await take(shop, placed(), happened("delivered", 2), happened("cancelled", 1)) == []
    event = (await shop.events())[-1]
    assert isinstance(event, OrderCancelled)
    assert event.mismatch == "status"


async def test_two_facts_of_one_instant_need_a_sequence(shop: Shop):
    first = happened("shipped", 1, lines=[{"sku": "tea", "quantity": 1}])
    other = first | {"lines": [{"sku": "jam", "quantity": 1}]}
    [reason] = await take(shop, placed(), first, other, other | {"sequence": 1})
    assert reason.startswith("update-conflict")
    assert (await shop.told()).count("order.shipped") == 2


async def test_a_late_order_takes_what_was_there_when_it_was_placed(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 2)
    record = placed(customer_id="anna", occurred_at=shop.clock.now.isoformat())
    shop.clock.forward(timedelta(hours=3))
    await anna.add("tea", 1)
    assert await take(shop, record, record) == []
    assert held(await anna.cart()) == {"tea": 1}


async def test_facts_of_orders_that_never_come_are_forgotten_in_the_end(shop: Shop):
    assert await take(shop, happened("shipped", 0), placed("o-2"), happened("shipped", 0, "o-2")) == []
    assert await Housekeeping(shop.pool, clock=lambda: shop.clock.now + timedelta(days=31)).round() == 0
    assert await take(shop, placed("o-1")) == []
    assert (await shop.told()).count("order.shipped") == 1


async def test_a_failed_payment_that_comes_before_its_order_gives_the_cart_back_once_it_has_come(
    shop: Shop, feed: Feeding
):
    anna = shop.customer()
    cart = await anna.add("tea", 2)
    order = placed(customer_id="anna")
    failed = {"type": "payment_failed", "store_id": "shop", "order_id": "o-1", "occurred_at": order["occurred_at"]}
    assert await feed.read(shop, FEED, failed) == []
    assert (await anna.cart())["id"] == cart["id"]
    assert await feed.read(shop, FEED, order) == []
    back = await anna.cart()
    assert (held(back), back["id"] != cart["id"]) == ({"tea": 2}, True)
    assert (await shop.told())[-2:] == ["cart.reopened", "order.payment_failed"]
