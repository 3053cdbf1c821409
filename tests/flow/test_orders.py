"""Orders from the shop's own systems, through real processes: who bought is not reminded, whatever came first."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from libs.contracts.topics import CART_EVENTS, ORDERS_FEED
from libs.kafka.clients import producer
from tests.flow.crashing import DIED
from tests.flow.stack import FlowStack
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
Tell = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture(loop_scope="session")
async def tell(flow: FlowStack) -> AsyncIterator[Tell]:
    """Writes a record as the shop's system does."""
    sender = producer(flow.stack.bootstrap)
    await sender.start()

    async def write(kind: str, order_id: str, **more: Any) -> None:
        at = datetime.now(UTC).isoformat()
        record = {"type": kind, "store_id": "demo", "order_id": order_id, "occurred_at": at} | more
        name = flow.stack.topic_prefix + ORDERS_FEED.name
        await sender.send_and_wait(name, json.dumps(record).encode(), key=order_id.encode())

    yield write
    await sender.stop()


async def history(flow: FlowStack, order_id: str, status: str = "placed") -> Any:
    """What is known of an order, once it has come in and stands so."""

    async def so_far() -> Any:
        answer = await flow.http.get(f"{flow.base}/orders/{order_id}", headers=flow.server)
        return answer.json() if answer.status_code == 200 and answer.json()["status"] == status else None

    return await eventually(so_far)


async def told_of(flow: FlowStack, order_id: str, last: str) -> list[str]:
    """The types of all that was told of an order, up to the first of the type `last`."""
    name = flow.stack.topic_prefix + CART_EVENTS.name
    consumer = AIOKafkaConsumer(name, bootstrap_servers=flow.stack.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found = []
    try:
        async with asyncio.timeout(60):
            async for record in consumer:
                if record.key == b"junk":  # another story puts what nobody can read on every topic
                    continue
                if json.loads(record.value).get("order_id") == order_id:
                    found.append(dict(record.headers)["ce_type"].decode())
                    if found[-1] == last:
                        return found
    finally:
        await consumer.stop()
    raise AssertionError("the topic has ended")


async def somebody_else_is_reminded(flow: FlowStack, name: str) -> None:
    """By then whoever had a cart before them would have been, too."""
    other, _ = await flow.reachable(name)
    await flow.add(flow.customer(name))
    await flow.ends(name)
    assert len(await flow.received(other)) == 1


async def test_signed_up_during_the_checkout_ordered_and_is_not_reminded_of_the_guest_cart(flow, tell):
    to, _ = await flow.reachable("olga")
    token = (await flow.http.post(f"{flow.base}/cart/token")).json()["cart_token"]
    guests = await flow.add({"X-Cart-Token": token})
    await tell("placed", "o-olga", customer_id="olga", lines=[{"sku": "mug", "quantity": 1}])
    await history(flow, "o-olga")
    claim = {"cart_token": token}
    answer = await flow.http.post(f"{flow.base}/cart/claim", json=claim, headers=flow.customer("olga"))
    assert (answer.status_code, answer.json()["cart"]["lines"]) == (200, [])
    assert (await history(flow, "o-olga"))["closed_carts"] == [guests["id"]]
    await somebody_else_is_reminded(flow, "olga-after")
    assert await flow.received(to) == []


async def test_a_part_was_ordered_and_of_the_rest_nobody_is_reminded_until_it_changes(flow, tell):
    to, _ = await flow.reachable("petra")
    await flow.stop("trigger")  # so that no reminder is quicker than the order
    await flow.add(flow.customer("petra"), "mug")
    await flow.add(flow.customer("petra"), "bowl")
    await tell("placed", "o-petra", customer_id="petra", partial=True, lines=[{"sku": "mug", "quantity": 1}])
    await history(flow, "o-petra")
    await flow.start("trigger")
    await somebody_else_is_reminded(flow, "petra-after")
    assert await flow.received(to) == []
    await flow.add(flow.customer("petra"), "bowl")
    await flow.ends("petra")
    (message,) = await flow.received(to)
    mail = (await flow.http.get(f"{flow.stack.playground_url}/api/messages/{message['id']}")).json()
    assert "Bowl" in mail["text"]
    assert "Mug" not in mail["text"]


async def test_a_crash_between_commit_and_offset_takes_an_order_in_once(flow, tell):
    await flow.stop("cart-relay")
    await flow.start("cart-relay", crash=("after", "services.cart.feeds.consumer:Feeds.handle", 1))
    cart = await flow.add(flow.customer("rosa"))
    await tell("placed", "o-rosa", customer_id="rosa")
    assert await flow.died("cart-relay") == DIED, flow.log("cart-relay")
    assert (await history(flow, "o-rosa"))["closed_carts"] == [cart["id"]]
    later = await flow.add(flow.customer("rosa"), "bowl")
    await flow.start("cart-relay")
    await tell("delivered", "o-rosa")
    known = await history(flow, "o-rosa", "delivered")
    assert known["closed_carts"] == [cart["id"]]
    now = (await flow.http.get(f"{flow.base}/cart", headers=flow.customer("rosa"))).json()
    assert now["id"] == later["id"]
    assert sorted(await told_of(flow, "o-rosa", "order.delivered")) == [
        "cart.ordered",
        "order.delivered",
        "order.placed",
    ]


async def test_a_crash_before_the_commit_takes_an_order_in_after_the_restart(flow, tell):
    await flow.stop("cart-relay")
    await flow.start("cart-relay", crash=("before", "services.cart.db.orders.orders:insert", 1))
    cart = await flow.add(flow.customer("sara"))
    await tell("placed", "o-sara", customer_id="sara")
    assert await flow.died("cart-relay") == DIED, flow.log("cart-relay")
    await flow.start("cart-relay")
    assert (await history(flow, "o-sara"))["closed_carts"] == [cart["id"]]


async def order(flow: FlowStack, order_id: str, **named: Any) -> Any:
    """Tells of an order as a checkout does."""
    answer = await flow.http.post(f"{flow.base}/orders", json={"order_id": order_id} | named, headers=flow.server)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_orders_end_what_they_name_and_every_reminder_of_whoever_ordered(flow):
    """A second order of one cart, an order of somebody else's cart, a renewal of other goods."""
    names = ("uma", "vera", "wanda", "xenia")
    uma, vera, wanda, xenia = [(await flow.reachable(name))[0] for name in names]
    await flow.stop("trigger")  # so that no reminder is quicker than the orders
    first = await flow.add(flow.customer("uma"))
    named = {"customer_id": "uma", "cart_id": first["id"], "cart_version": first["version"]}
    await order(flow, "o-uma-1", **named)
    await flow.add(flow.customer("uma"), "bowl")
    again = await order(flow, "o-uma-2", **named)
    assert [one["field"] for one in again["mismatches"]] == ["already_ordered"]
    theirs = await flow.add(flow.customer("vera"))
    await flow.add(flow.customer("wanda"))
    await order(flow, "o-wanda", customer_id="wanda", cart_id=theirs["id"])
    await flow.add(flow.customer("xenia"))
    await order(flow, "o-xenia", customer_id="xenia", lines=[{"sku": "magazine", "quantity": 1}])
    await flow.start("trigger")
    await flow.ends("vera")
    await somebody_else_is_reminded(flow, "yola")
    assert [len(await flow.received(to)) for to in (uma, vera, wanda, xenia)] == [0, 1, 0, 0]
    left = [(await flow.http.get(f"{flow.base}/cart", headers=flow.customer(name))).json() for name in names]
    assert [cart["units"] for cart in left] == [1, 1, 1, 1]
    await flow.add(flow.customer("xenia"), "bowl")
    await flow.ends("xenia")
    assert len(await flow.received(xenia)) == 1


@pytest.mark.parametrize("fact", [{"type": "payment_failed"}, {"type": "cancelled", "reopen": True}])
async def test_what_was_not_paid_is_in_the_cart_again_and_is_reminded_of(flow, fact):
    name = f"zoe-{fact['type'][0]}"
    to, _ = await flow.reachable(name)
    await flow.add(flow.customer(name))
    await order(flow, f"o-{name}", customer_id=name)
    path = f"{flow.base}/orders/o-{name}/events"
    told = await flow.http.post(path, json=fact, headers=flow.server)
    assert told.status_code == 201, told.text
    back = (await flow.http.get(f"{flow.base}/cart", headers=flow.customer(name))).json()
    assert [line["sku"] for line in back["lines"]] == ["mug"]
    await flow.ends(name)
    assert len(await flow.received(to)) == 1
