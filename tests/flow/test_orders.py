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
from libs.outbox.relay import producer
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


async def test_a_part_was_ordered_and_the_reminder_is_of_the_rest(flow, tell):
    to, _ = await flow.reachable("petra")
    await flow.stop("trigger")  # so that no reminder is quicker than the order
    await flow.add(flow.customer("petra"), "mug")
    await flow.add(flow.customer("petra"), "bowl")
    await tell("placed", "o-petra", customer_id="petra", partial=True, lines=[{"sku": "mug", "quantity": 1}])
    await history(flow, "o-petra")
    await flow.start("trigger")
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
    await flow.start("cart-relay", crash=("before", "services.cart.db.orders:insert", 1))
    cart = await flow.add(flow.customer("sara"))
    await tell("placed", "o-sara", customer_id="sara")
    assert await flow.died("cart-relay") == DIED, flow.log("cart-relay")
    await flow.start("cart-relay")
    assert (await history(flow, "o-sara"))["closed_carts"] == [cart["id"]]
