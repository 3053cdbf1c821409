"""Who ordered what is read from the events of orders, beside the carts."""

from datetime import datetime, timedelta
from typing import Any

from libs.contracts.events import OrderCancelled, OrderPlaced
from libs.runtime.ids import uuid7
from services.trigger.db import orders
from services.trigger.db.retention import forget_orders
from services.trigger.domain.orders import CustomerOrder, last_placed
from services.trigger.timers import KEEP_ORDERS
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_erasure import request
from tests.integration.trigger.test_export import ask

ANNA = ("shop", "anna")


def placed(order_id: str = "o-1", at: datetime | None = None, **facts: Any) -> OrderPlaced:
    told = {"event_id": uuid7(), "occurred_at": at or ago(hours=1), "order_id": order_id, "store_id": "shop"}
    return OrderPlaced.model_validate(told | {"customer_id": "anna", "currency": "EUR", "total": 2500} | facts)


def cancelled(order_id: str = "o-1", **facts: Any) -> OrderCancelled:
    told = {"event_id": uuid7(), "occurred_at": ago(minutes=5), "happened_at": ago(minutes=5), "status": "cancelled"}
    whose = {"order_id": order_id, "store_id": "shop", "customer_id": "anna"}
    return OrderCancelled.model_validate(told | whose | facts)


async def of(trigger: Trigger, *customers: str) -> dict[str, list[CustomerOrder]]:
    async with trigger.pool.acquire() as connection:
        found = await orders.of_customers(connection, [("shop", one) for one in customers])
    return {customer: list(some) for (_, customer), some in found.items()}


async def test_the_orders_of_customers_are_found_in_one_question(trigger: Trigger) -> None:
    await trigger.receive(placed("o-2"), placed("o-1", ago(hours=2)), placed("o-3", customer_id="ben"))
    found = await of(trigger, "anna", "ben", "carl")
    assert {who: [order.order_id for order in some] for who, some in found.items()} == {
        "anna": ["o-1", "o-2"],
        "ben": ["o-3"],
    }
    assert await of(trigger) == {}


async def test_what_was_cancelled_in_another_batch_is_taken_off(trigger: Trigger) -> None:
    await trigger.receive(placed("o-1"), placed("o-2", ago(hours=3)))
    await trigger.receive(cancelled("o-1"))
    mine = (await of(trigger, "anna"))["anna"]
    assert {order.order_id: (order.status, order.total) for order in mine} == {
        "o-1": ("cancelled", 2500),
        "o-2": ("placed", 2500),
    }
    last = last_placed(mine)
    assert last is not None
    assert timedelta(hours=2) < now() - last < timedelta(hours=4)


async def test_an_older_event_that_comes_late_changes_nothing(trigger: Trigger) -> None:
    first = placed()
    await trigger.receive(cancelled())
    await trigger.receive(first, partition=3)
    await trigger.receive(first, partition=3)
    (order,) = (await of(trigger, "anna"))["anna"]
    assert (order.status, order.total, order.first_told_at) == ("cancelled", 2500, first.occurred_at)


async def test_orders_of_nobody_are_passed_over(trigger: Trigger) -> None:
    await trigger.receive(placed(customer_id=None))
    assert await trigger.pool.fetchval("SELECT count(*) FROM customer_orders") == 0


async def test_orders_are_exported_and_erased(trigger: Trigger) -> None:
    await trigger.receive(placed(), placed("o-9", customer_id="ben"))
    assert [one["order_id"] for one in (await ask(trigger, "anna")).json()["customer_orders"]] == ["o-1"]
    late = placed("o-2")
    await trigger.receive(request("anna"))
    await trigger.receive(late)
    assert await of(trigger, "anna", "ben") == {"ben": (await of(trigger, "ben"))["ben"]}


async def test_orders_are_forgotten_after_400_days(trigger: Trigger) -> None:
    await trigger.receive(placed("old", placed_at=ago(days=401)), placed("o-1", placed_at=ago(days=399)))
    async with trigger.pool.acquire() as connection:
        await forget_orders(connection, now() - KEEP_ORDERS)
    assert [order.order_id for order in (await of(trigger, "anna"))["anna"]] == ["o-1"]
