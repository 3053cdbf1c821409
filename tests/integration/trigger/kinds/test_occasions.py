"""What became of orders is told, and what follows an order waits for its time and for the facts."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from libs.contracts.events import OrderCancelled, OrderPlaced, OrderShipped
from libs.runtime.ids import uuid7
from services.trigger.db.retention import forget_occasions
from services.trigger.handlers.occasions import decide_due
from services.trigger.handlers.request_reminders import MANY
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_erasure import request
from tests.integration.trigger.test_export import ask

CAMPAIGNS = """
campaigns:
  - {name: confirmed, kind: order_confirmed, steps: [{channel: email, template: order_confirmed}]}
  - {name: shipped, kind: order_shipped, steps: [{channels: [sms, email], template: order_shipped}]}
  - name: thanks
    kind: post_purchase
    reenter: {after: 30d}
    steps: [{delay: 1h, channel: email, template: post_purchase}]
  - name: come_back
    kind: win_back
    steps: [{delay: 60d, channel: email, template: win_back}, {delay: 90d, channel: email, template: win_back}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    (tmp_path / "default.yaml").write_text(CAMPAIGNS)
    return tmp_path


def placed(order_id: str = "o-1", at: datetime | None = None, **facts: Any) -> OrderPlaced:
    told = {"event_id": uuid7(), "occurred_at": at or ago(minutes=5), "order_id": order_id, "store_id": "shop"}
    return OrderPlaced.model_validate(told | {"customer_id": "anna"} | facts)


def shipped(at: datetime | None = None, order_id: str = "o-1") -> OrderShipped:
    told = {"event_id": uuid7(), "occurred_at": at or ago(minutes=1), "happened_at": at or ago(minutes=1)}
    whose = {"order_id": order_id, "store_id": "shop", "customer_id": "anna", "status": "shipped"}
    return OrderShipped.model_validate(told | whose)


def cancelled(at: datetime, order_id: str = "o-1") -> OrderCancelled:
    told = {"event_id": uuid7(), "occurred_at": at, "happened_at": at, "status": "cancelled"}
    return OrderCancelled.model_validate(told | {"order_id": order_id, "store_id": "shop", "customer_id": "anna"})


async def fire(trigger: Trigger) -> list[str]:
    """The kinds of the requests of which time has come."""
    before = len(await trigger.requested())
    await trigger.read_until(now())
    await trigger.timers.fire_occasions()
    return [one.kind for one in (await trigger.requested())[before:]]


async def test_an_order_is_confirmed_at_once_and_once(trigger: Trigger) -> None:
    order = placed()
    await trigger.receive(order)
    assert await trigger.requested() == []
    assert await fire(trigger) == ["order_confirmed"]
    await trigger.receive(order, placed(told_before=True, status="placed"))
    assert await fire(trigger) == []
    [asked] = await trigger.requested()
    assert (asked.order_id, asked.cart_id, asked.customer_id) == ("o-1", None, "anna")
    assert asked.due_at == order.occurred_at


async def test_each_parcel_is_told_of_by_the_ways_that_the_step_names(trigger: Trigger) -> None:
    await trigger.receive(shipped(ago(minutes=9)))
    assert await fire(trigger) == ["order_shipped"]
    await trigger.receive(shipped(ago(minutes=1)))
    assert await fire(trigger) == ["order_shipped"]
    first, second = await trigger.requested()
    assert first.reminder_id != second.reminder_id
    assert first.channels == ("sms", "email")


async def test_a_step_that_was_due_before_the_next_parcel_is_decided_in_passing(trigger: Trigger) -> None:
    await trigger.receive(shipped(ago(minutes=9)), shipped(ago(minutes=1)))
    assert [one.kind for one in await trigger.requested()] == ["order_shipped"]
    assert await fire(trigger) == ["order_shipped"]


async def test_an_order_that_came_to_nothing_is_followed_by_nothing(trigger: Trigger) -> None:
    await trigger.receive(placed(at=ago(minutes=50)), cancelled(ago(minutes=40)))
    assert [one.kind for one in await trigger.requested()] == ["order_confirmed"], "it was due before that"
    assert await fire(trigger) == []
    assert await trigger.pool.fetchval("SELECT ended FROM occasions WHERE subject = 'order.placed'") == "cancelled"


async def test_what_follows_an_order_waits_for_its_time_and_bounds_how_often(trigger: Trigger) -> None:
    await trigger.receive(placed(at=ago(minutes=70)), placed("o-2", at=ago(minutes=65)))
    assert sorted(await fire(trigger)) == ["order_confirmed"] * 2 + ["post_purchase"]
    skipped = "SELECT reason FROM decisions WHERE outcome = 'skipped'"
    assert [row["reason"] for row in await trigger.pool.fetch(skipped)] == ["reentered_too_soon"]


async def test_who_has_not_ordered_for_long_is_written_to_and_a_new_order_begins_anew(trigger: Trigger) -> None:
    await trigger.receive(placed(at=ago(days=60, minutes=5)))
    assert await fire(trigger) == ["win_back"], "the confirmation and the thanks are too late"
    await trigger.receive(placed("o-2", at=ago(days=59)))
    assert await fire(trigger) == []
    due_at = await trigger.pool.fetchval("SELECT due_at FROM occasions WHERE subject = 'customer.ordered'")
    assert due_at > now()


async def test_nothing_is_kept_of_what_no_campaign_follows(trigger: Trigger) -> None:
    await trigger.receive(cancelled(ago(minutes=1)))
    assert await trigger.pool.fetchval("SELECT count(*) FROM occasions") == 0


async def test_nothing_fires_on_what_was_not_read_yet(trigger: Trigger) -> None:
    await trigger.receive(placed())
    await trigger.read_until(ago(minutes=6))
    assert await trigger.timers.fire_occasions() == 0


async def test_one_that_can_not_be_decided_on_stops_no_other(trigger: Trigger) -> None:
    await trigger.receive(placed(), placed("o-2"))
    broken = """UPDATE occasions SET facts = '{"cart_id": "nonsense"}' WHERE subject_id = 'o-1'"""
    await trigger.pool.execute(broken)
    assert await fire(trigger) == ["order_confirmed"]
    assert await trigger.pool.fetchval("SELECT due_at FROM occasions WHERE subject_id = 'o-1'") is None


async def test_an_erasure_takes_it_out_and_late_events_bring_nothing_back(trigger: Trigger) -> None:
    await trigger.receive(placed(at=ago(minutes=5)))
    assert [row["subject"] for row in (await ask(trigger, "anna")).json()["occasions"]] == [
        "customer.ordered",
        "order.placed",
    ]
    await trigger.receive(request("anna"))
    assert await trigger.pool.fetchval("SELECT count(*) FROM occasions") == 0
    await trigger.receive(shipped(ago(minutes=4)))
    assert await trigger.pool.fetchval("SELECT count(*) FROM occasions") == 0


async def test_what_is_over_is_forgotten_and_what_is_ahead_is_not(trigger: Trigger) -> None:
    await trigger.receive(placed(at=ago(days=50)))
    await fire(trigger)
    async with trigger.pool.acquire() as connection:
        await forget_occasions(connection, ago(days=40))
    kept = await trigger.pool.fetch("SELECT subject FROM occasions")
    assert [row["subject"] for row in kept] == ["customer.ordered"]


async def statements_for(trigger: Trigger, orders: int) -> int:
    """How many statements it takes to decide on so many orders that are due together."""
    await trigger.receive(*(placed(f"{orders}-{n}", customer_id=f"customer-{n}") for n in range(orders)))
    await trigger.read_until(now())
    sent: list[str] = []
    async with trigger.pool.acquire() as connection, connection.transaction():
        with connection.query_logger(lambda query: sent.append(query.query)):
            looked_at, fresh = await decide_due(connection, 500, trigger.campaigns.of)
    assert looked_at >= orders
    assert sum(one.outcome == "would_send" for one in fresh) == orders
    return len(sent)


async def test_many_are_decided_with_as_many_statements_as_few(trigger: Trigger) -> None:
    """From some number on they are copied, which takes others, and no more of them for more."""
    assert await statements_for(trigger, MANY // 2) == await statements_for(trigger, 2)
    assert await statements_for(trigger, 3 * MANY) == await statements_for(trigger, MANY)
