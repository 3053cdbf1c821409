"""Large batches go over two connections: what they come to is the same, whatever fails or is killed between."""

import asyncio
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from libs.contracts.events import ErasureRequested, Event
from libs.runtime.ids import uuid7
from services.trigger import consumer
from services.trigger.handlers.carts import apply_cart_events as apply_carts
from tests.integration.trigger.conftest import Trigger, ago
from tests.support.eventually import eventually
from tests.unit.trigger.making import (
    STORE,
    added,
    cart_id,
    claimed,
    cleared,
    closed_otherwise,
    level,
    noted,
    ordered,
    reached,
    reopened,
    silenced,
)

TABLES = {
    "carts": "SELECT * FROM carts ORDER BY cart_id",
    "holdings": "SELECT * FROM holdings ORDER BY cart_id, sku",
    "decisions": "SELECT reminder_id, customer_id, step, due_at, outcome, reason, total FROM decisions ORDER BY 1",
    "asked": "SELECT convert_from(value, 'UTF8')::jsonb - 'event_id' - 'occurred_at' - 'decided_at' AS v, topic "
    "FROM outbox ORDER BY topic, convert_from(value, 'UTF8')::jsonb ->> 'reminder_id'",
    "reach": "SELECT * FROM reach ORDER BY customer_id",
    "stock_levels": "SELECT * FROM stock_levels ORDER BY sku",
    "partition_progress": "SELECT * FROM partition_progress ORDER BY partition",
}
CLEAR = "TRUNCATE carts, holdings, decisions, outbox, reach, stock_levels, stock_items, partition_progress"
PAIR = ("two", "other")
"""Carts of two lanes, as a test below holds."""


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "BATCH", 1)


async def told(trigger: Trigger) -> dict[str, Any]:
    """All that the events came to."""
    return {name: [dict(row) for row in await trigger.pool.fetch(query)] for name, query in TABLES.items()}


def history(seed: int) -> list[Event]:
    """Two dozen carts and what happens to them over two days, some of it told twice, and much else between."""
    random, events = Random(seed), list[Event]()
    made = (
        *(lambda name, n, at: added(name, n, at, {f"sku-{n}": n}), noted, silenced, cleared, reopened, ordered),
        *(claimed, partial(closed_otherwise, "expired")),
    )
    for name in (f"cart-{n}" for n in range(24)):
        at = ago(hours=50) + timedelta(minutes=random.randrange(60))
        events.append(added(name, 1, at, customer=f"customer-{random.randrange(8)}"))
        for version in range(2, 2 + random.randrange(6)):
            at += timedelta(minutes=random.choice((1, 45, 300, 700)))
            events.append(random.choices(made, (12, 2, 2, 2, 1, 1, 1, 1))[0](name, version, at))
    events += [reached(f"customer-{n}", 1, timezone="Europe/Warsaw") for n in range(4)]
    events += [level(9 - n, n + 1, ago(hours=9 - n)) for n in range(8)]
    events.sort(key=lambda event: event.occurred_at)
    return events + random.sample(events, 10)


@pytest.mark.parametrize("seed", range(6))
async def test_a_batch_in_parts_comes_to_what_it_comes_to_in_one(trigger: Trigger, monkeypatch, seed: int) -> None:
    events = history(seed)
    batch = trigger.received(events)
    for start in range(0, len(batch), 60):
        await trigger.consumer.handle(batch[start : start + 60])
    in_parts = await told(trigger)
    assert in_parts["carts"]
    assert in_parts["decisions"]
    await trigger.pool.execute(CLEAR)
    monkeypatch.setattr(consumer, "BATCH", 1000)
    for start in range(0, len(batch), 60):
        await trigger.consumer.handle(batch[start : start + 60])
    assert await told(trigger) == in_parts


def both() -> list[Event]:
    """The same change of two carts of two lanes, whose first step was due before it."""
    return [event for name in PAIR for event in (added(name, 1, ago(hours=3)), added(name, 2, ago(minutes=1)))]


async def test_the_lanes_are_under_way_at_once(trigger: Trigger, monkeypatch) -> None:
    assert {cart_id(name).int % 2 for name in PAIR} == {0, 1}
    met = asyncio.Barrier(2)

    async def meeting(*arguments: Any) -> bool:
        await met.wait()
        return await apply_carts(*arguments)

    monkeypatch.setattr(consumer, "apply_cart_events", meeting)
    async with asyncio.timeout(20):
        await trigger.receive(*both())
    assert len(await trigger.requested()) == 2


async def test_one_lane_that_fails_leaves_the_batch_unread(trigger: Trigger, monkeypatch) -> None:
    """Nothing is read past what is not written, and the next try comes to what there would have been."""

    async def failing(connection: Any, events: Any, *more: Any) -> bool:
        if any(event.cart_id == cart_id("other") for event, _ in events):
            raise OSError("the way to the database")
        return await apply_carts(connection, events, *more)

    monkeypatch.setattr(consumer, "apply_cart_events", failing)
    batch = trigger.received(both())
    with pytest.raises(OSError, match="the way to the database"):
        await trigger.consumer.handle(batch)
    assert [row["cart_id"] for row in (await told(trigger))["carts"]] == [cart_id("two")]
    assert (await told(trigger))["partition_progress"] == []
    monkeypatch.setattr(consumer, "apply_cart_events", apply_carts)
    await trigger.consumer.handle(batch)
    again = await told(trigger)
    assert {row["cart_id"]: row["version"] for row in again["carts"]} == {cart_id(name): 2 for name in PAIR}
    assert len(again["partition_progress"]) == 1
    assert len(await trigger.requested()) == 2, "each once, whichever lane was written first"


async def test_killed_between_its_lanes_nothing_is_lost_or_told_twice(trigger: Trigger, monkeypatch) -> None:
    held = asyncio.Event()

    async def holding(connection: Any, events: Any, *more: Any) -> bool:
        if any(event.cart_id == cart_id("other") for event, _ in events):
            await held.wait()
        return await apply_carts(connection, events, *more)

    async def written() -> bool:
        return bool(await trigger.pool.fetchval("SELECT count(*) FROM carts"))

    monkeypatch.setattr(consumer, "apply_cart_events", holding)
    batch = trigger.received(both())
    killed = asyncio.create_task(trigger.consumer.handle(batch))
    await eventually(written)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    held.set()
    assert len((await told(trigger))["carts"]) == 1
    assert (await told(trigger))["partition_progress"] == []
    await trigger.consumer.handle(batch)
    assert len((await told(trigger))["carts"]) == 2
    assert len(await trigger.requested()) == 2


async def test_what_is_about_no_cart_is_written_before_them(trigger: Trigger, monkeypatch) -> None:
    seen = list[int]()

    async def looking(*arguments: Any) -> bool:
        if arguments[1]:
            seen.append(await trigger.pool.fetchval("SELECT count(*) FROM reach"))
        return await apply_carts(*arguments)

    monkeypatch.setattr(consumer, "apply_cart_events", looking)
    await trigger.receive(*both(), reached("customer-two"))
    assert seen == [1, 1]


async def test_a_batch_with_an_erasure_stays_in_one(trigger: Trigger, monkeypatch) -> None:
    """Whoever erases is alone: nobody else writes meanwhile."""
    calls = list[int]()

    async def counting(connection: Any, events: Any, *more: Any) -> bool:
        calls.append(len(events))
        return await apply_carts(connection, events, *more)

    monkeypatch.setattr(consumer, "apply_cart_events", counting)
    request = ErasureRequested(
        event_id=uuid7(),
        occurred_at=ago(seconds=1),
        erasure_id=uuid7(),
        store_id=STORE,
        customer_ids=("customer-two",),
        profile_version=1,
    )
    await trigger.receive(*both(), request)
    assert calls == [4]
    assert [row["cart_id"] for row in (await told(trigger))["carts"]] == [cart_id("other")]
