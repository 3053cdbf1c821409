"""Stories of carts and timers that are made anew from Kafka while everything runs: nobody twice, nobody left out."""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from libs.contracts.events import CartEvent, ErasureRequested, Event, LineAdded, OrderPlaced
from libs.contracts.topics import CART_EVENTS
from libs.postgres.pool import Pool, connect
from libs.runtime.ids import uuid7
from services.trigger import timers as timers_module
from services.trigger.cli.rebuild import CannotRebuildError, Rebuild, rebuild
from services.trigger.domain.backtest import decisions
from services.trigger.domain.decision import Decision
from tests.integration.trigger.conftest import Trigger, ago, now, running
from tests.support.cart_histories import history
from tests.support.eventually import eventually
from tests.unit.trigger.making import STORE, added, campaigns, costs, level, noted, prices, reached

ROOT = Path(__file__).parents[3]
PATIENT = """
campaigns:
  - name: first
    kind: abandoned_cart
    enter: {origin: {none: [bot, import]}}
    steps: [{delay: 1h, channel: email, template: t, lateness: 300d}]
  - {name: second, kind: abandoned_cart, steps: [{delay: 5h, channel: sms, template: t, lateness: 300d}]}
  - {name: later, kind: abandoned_cart, steps: [{delay: 40d, channel: sms, template: t, lateness: 300d}]}
  - {name: thanks, kind: post_purchase, steps: [{delay: 2h, channel: email, template: t, lateness: 300d}]}
"""
NAMES = [f"c{n}" for n in range(30)]
MINUTES = (0, 1, 29, 30, 31, 59, 60, 61, 90)
TABLES = {
    "carts": "SELECT to_jsonb(t) - '{due_at,decided_until}'::text[] FROM carts AS t ORDER BY cart_id",
    # since when hangs on how events were cut into batches
    "holdings": "SELECT to_jsonb(t) - 'touched_at' FROM holdings AS t ORDER BY cart_id, sku",
    "customer_orders": "SELECT to_jsonb(t) FROM customer_orders AS t ORDER BY store_id, order_id",
    "occasions": "SELECT to_jsonb(t) - '{due_at,decided_until}'::text[] FROM occasions AS t ORDER BY 1",
    "reach": "SELECT to_jsonb(t) FROM reach AS t ORDER BY customer_id",
    "stock_items": "SELECT to_jsonb(t) FROM stock_items AS t ORDER BY sku",
    "price_levels": "SELECT to_jsonb(t) FROM price_levels AS t ORDER BY sku",
}
EPISODES = "SELECT cart_id, goods_version FROM carts WHERE closed_at IS NULL AND customer_id IS NOT NULL"
TIMERS = """
SELECT cart_id, due_at FROM carts
WHERE due_at IS NOT NULL AND closed_at IS NULL AND units > 0 AND customer_id IS NOT NULL AND NOT silent
"""
WAITS = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DROP TABLE public%')"
)


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """Campaigns without lateness."""
    (tmp_path / "default.yaml").write_text(PATIENT)
    return tmp_path


def placed(number: int, at: datetime) -> OrderPlaced:
    """An order of a customer's."""
    facts = {"order_id": f"o-{number}", "store_id": STORE, "customer_id": f"customer-c{number}", "skus": ("tea",)}
    return OrderPlaced.model_validate(
        {"event_id": uuid7(), "occurred_at": at, "total": 900, "currency": "EUR", **facts}
    )


def made_up(seed: int, names: Sequence[str] = NAMES, number: int = 200) -> list[Event]:
    """What happens to carts and beside them, in order of time, ending in the past."""
    rng = random.Random(seed)
    start = datetime.now(ago().tzinfo).replace(microsecond=0) - timedelta(days=20)
    carts = history(rng.choice, lambda: timedelta(minutes=rng.choice(MINUTES)), start, names, number)
    beside: list[Event] = [placed(n, start + timedelta(hours=n)) for n in range(10)]
    beside += [level(9 - n, n, start + timedelta(hours=n)) for n in range(1, 5)]
    beside += [added("desk", at=start).model_copy(update={"origin": "staff"})]
    beside += [prices(n, costs(1000 - n), at=start + timedelta(hours=n)) for n in range(1, 5)]
    beside += [reached(f"customer-{name}").model_copy(update={"occurred_at": start}) for name in NAMES[:5]]
    return sorted([*carts, *beside], key=_when)


async def tables(pool: Pool) -> dict[str, list[Any]]:
    """What stands in the tables, but for when to look again."""
    return {name: [json.loads(row[0]) for row in await pool.fetch(query)] for name, query in TABLES.items()}


async def read_all(trigger: Trigger, number: int) -> None:
    """Waits until the group has read so many records."""

    async def done() -> bool:
        topics = ("cart.events", "inventory.levels", "price.levels", "customer.reach", "customer.erasures")
        read = [await trigger.consumer.inbox.positions(topic) for topic in topics]
        return sum(sum(one.values()) for one in read) >= number

    await eventually(done)


async def fire_all(trigger: Trigger, until: datetime) -> None:
    """Everything that is due by a moment."""
    await trigger.read_until(until, *range(CART_EVENTS.partitions))
    while await trigger.timers.fire() or await trigger.timers.fire_occasions():
        continue


async def each_once(trigger: Trigger, events: list[Event], until: datetime) -> None:
    """Holds what was asked for against the backtest."""
    asked = Counter(request.reminder_id for request in await trigger.requested())
    wanted = expected(events, until)
    assert set(asked.values()) == {1}
    assert asked.keys() == wanted.keys()
    assert len(wanted) > 20


def expected(events: list[Event], until: datetime) -> dict[UUID, Decision]:
    """What the backtest would ask for."""
    found = decisions(while_open(sorted(events, key=_when)), campaigns(PATIENT), until)
    return {decided.reminder_id: decided for decided in found if decided.outcome == "would_send"}


def _when(event: Event) -> datetime:
    return event.occurred_at


def while_open(events: list[Event]) -> list[Event]:
    """Without what is told of a cart after its end."""
    closed, found = set[UUID](), list[Event]()
    for event in events:
        if not isinstance(event, CartEvent) or event.cart_id not in closed:
            found.append(event)
        if isinstance(event, CartEvent) and event.closes:
            closed.add(event.cart_id)
    return found


@pytest.mark.parametrize("seed", range(2))
async def test_what_was_lost_is_there_again_and_each_reminder_is_asked_for_once(bus, live, seed, monkeypatch) -> None:
    """Story: timers and holdings were lost, and more happened in the shop while they were made anew."""
    monkeypatch.setattr(timers_module, "BATCH", 7)
    events, others = made_up(seed), made_up(seed, [f"d{n}" for n in range(9)], 30)
    later: list[Event] = [event for event in others if isinstance(event, LineAdded)]
    trigger = await live()
    async with running(trigger.consumer.run()):
        await bus.publish(*events)
        await read_all(trigger, len(events))
    while len(await trigger.requested()) < 10:
        assert await trigger.timers.fire()
    await trigger.pool.execute("DELETE FROM holdings WHERE sku < 'u' AND cart_id::text > '8'")
    await trigger.pool.execute("UPDATE carts SET due_at = NULL, version = version + 3 WHERE cart_id::text < '8'")
    await trigger.pool.execute("DELETE FROM carts WHERE cart_id::text > 'a' AND version = goods_version")
    more = asyncio.ensure_future(bus.publish(*later))
    found, unreadable = await rebuild(trigger.settings)
    await more
    assert (found.new > 0, found.differing > 0, found.gone, unreadable) == (True, True, 0, 0)
    trigger = await live()
    async with running(trigger.consumer.run()):
        await read_all(trigger, len(events) + len(later))
    until = now()
    await fire_all(trigger, until)
    asked = await nobody_current_is_left_out(trigger, [*events, *later], until)
    assert asked.keys() <= expected([*events, *later], until).keys()
    assert len(asked) > 20


async def test_beside_a_trigger_at_work_nobody_is_asked_for_twice_or_left_out(bus, live) -> None:
    """Story: it was done at noon, while customers shopped and were reminded."""
    events = made_up(3)
    trigger = await live()
    async with running(trigger.consumer.run(), trigger.timers.run()):
        await bus.publish(*events[:80])
        more = asyncio.ensure_future(bus.publish(*events[80:]))
        for _ in range(2):
            await rebuild(trigger.settings)
        await more
        await read_all(trigger, len(events))
    until = now()
    await fire_all(trigger, until)
    await nobody_current_is_left_out(trigger, events, until)


async def nobody_current_is_left_out(trigger: Trigger, events: list[Event], until: datetime) -> Counter[UUID]:
    """Nobody was asked for twice, and everybody but for goods that have changed since, or that nobody owns any more:
    there the last look would cancel what was not asked for while the tables were wrong or made.
    """
    asked = Counter(one.reminder_id for one in await trigger.requested())
    assert set(asked.values()) == {1}
    current = {(row["cart_id"], row["goods_version"]) for row in await trigger.pool.fetch(EPISODES)}
    missing = [decided for key, decided in expected(events, until).items() if key not in asked]
    assert [one for one in missing if one.cart_id is None or (one.cart_id, one.cart_version) in current] == []
    return asked


async def test_tables_that_were_right_are_as_they_were(bus, live) -> None:
    events = made_up(5)
    trigger = await live()
    async with running(trigger.consumer.run()):
        await bus.publish(*events)
        await read_all(trigger, len(events))
        until = now()
        await fire_all(trigger, until)
        before, timers = await tables(trigger.pool), dict(await trigger.pool.fetch(TIMERS))
        asked = len(await trigger.requested())
        found, _ = await rebuild(trigger.settings)
    assert (found.new, found.gone, found.differing) == (0, 0, 0)
    assert await tables(trigger.pool) == before
    assert all(before.values()), "each table has something in it"
    assert timers, "something is ahead"
    await fire_all(trigger, until)
    anew = dict(await trigger.pool.fetch(TIMERS))
    assert anew.keys() == timers.keys()
    assert all(anew[cart] >= due_at for cart, due_at in timers.items()), (
        "one that was armed early stays until it is due"
    )
    assert len(await trigger.requested()) == asked


async def test_what_is_older_than_the_topic_holds_is_kept(bus, live, kafka: str, topic_prefix: str) -> None:
    """Story: the topic is kept for thirty days; a cart of before, its order and whom it was for must not vanish."""
    trigger = await live()
    old = [added("old", at=ago(days=39)), placed(1, ago(days=39)), added("changed", at=ago(days=39))]
    new = [added("new", at=ago(hours=3)), noted("changed", 2, ago(hours=3))]
    async with running(trigger.consumer.run()):
        await bus.publish(*old)
        await read_all(trigger, len(old))
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        gone = {
            TopicPartition(topic_prefix + CART_EVENTS.name, n): RecordsToDelete(before_offset=-1) for n in range(12)
        }
        await admin.delete_records(gone)
        await admin.close()
        await bus.publish(*new)
        await read_all(trigger, len(old) + len(new))
        before = await tables(trigger.pool)
        await rebuild(trigger.settings)
    assert await tables(trigger.pool) == before
    assert len(before["carts"]) == 3


async def test_who_is_erased_meanwhile_stays_erased(bus, live, monkeypatch) -> None:
    trigger = await live()
    events = [added("a", at=ago(hours=3)), added("b", at=ago(hours=3)), placed(1, ago(hours=3))]
    erasure = ErasureRequested(
        event_id=uuid7(),
        occurred_at=ago(hours=1),
        erasure_id=uuid7(),
        store_id=STORE,
        customer_ids=("customer-a", "customer-c1"),
        profile_version=1,
    )
    catch_up = Rebuild.catch_up

    async def then_erase(attempt: Rebuild) -> None:
        await catch_up(attempt)
        await bus.publish(erasure)
        await eventually(partial(trigger.pool.fetchval, "SELECT EXISTS (SELECT FROM erased_customers)"))

    monkeypatch.setattr(Rebuild, "catch_up", then_erase)
    async with running(trigger.consumer.run()):
        await bus.publish(*events)
        await read_all(trigger, len(events))
        await rebuild(trigger.settings)
    left = await tables(trigger.pool)
    assert {one["customer_id"] for one in left["carts"]} == {None, "customer-b"}
    assert {one["customer_id"] for one in left["holdings"]} == {"customer-b"}
    assert (left["customer_orders"], left["occasions"]) == ([], [])


def environment(trigger: Trigger, campaigns_dir: Path, kafka: str, topic_prefix: str) -> dict[str, str]:
    settings = {
        "TRIGGER_MODE": "local",
        "TRIGGER_DATABASE_URL": trigger.settings.database_url.get_secret_value(),
        "TRIGGER_CAMPAIGNS_DIR": str(campaigns_dir),
        "TRIGGER_KAFKA_BOOTSTRAP": kafka,
        "TRIGGER_TOPIC_PREFIX": topic_prefix,
        "PYTHONPATH": str(ROOT),
    }
    return os.environ | settings


@asynccontextmanager
async def rebuilding(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that does it, killed with the block where it has not ended."""
    command = (sys.executable, "-m", "services.trigger.cli.rebuild")
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_killed_in_the_middle_or_while_it_swaps_nothing_is_changed(
    bus,
    live,
    campaigns_dir: Path,
    kafka: str,
    topic_prefix: str,
) -> None:
    events = made_up(7)
    trigger = await live()
    async with running(trigger.consumer.run()):
        await bus.publish(*events)
        await read_all(trigger, len(events))
    while len(await trigger.requested()) < 10:
        assert await trigger.timers.fire()
    await trigger.pool.execute("UPDATE campaign_activations SET active_since = '2020-01-01'")
    before = await tables(trigger.pool)
    words = environment(trigger, campaigns_dir, kafka, topic_prefix)
    dsn = trigger.settings.database_url.get_secret_value()
    async with rebuilding(words) as process:
        await eventually(partial(trigger.pool.fetchval, "SELECT to_regclass('rebuilt.carts') IS NOT NULL"))
        process.send_signal(signal.SIGKILL)
    assert await tables(trigger.pool) == before
    holding = await connect(dsn)
    async with rebuilding(words) as process, holding.transaction():
        await holding.execute("LOCK TABLE reach IN ACCESS SHARE MODE")
        await eventually(partial(trigger.pool.fetchval, WAITS))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await holding.close()
    assert await tables(trigger.pool) == before
    async with rebuilding(words) as process:
        assert await process.wait() == 0
    assert await tables(trigger.pool) == before
    assert await trigger.pool.fetchval("SELECT to_regnamespace('rebuilt') IS NULL")
    until = now()
    await fire_all(trigger, until)
    await each_once(trigger, events, until)


async def test_one_at_a_time_and_only_where_the_schema_is_whole(live) -> None:
    trigger = await live()
    dsn = trigger.settings.database_url.get_secret_value()
    other = await connect(dsn)
    try:
        assert await other.fetchval("SELECT pg_try_advisory_lock($1)", 0x72_62_6C_64)
        with pytest.raises(CannotRebuildError, match="somebody rebuilds it already"):
            await rebuild(trigger.settings)
    finally:
        await other.close()
    await trigger.pool.execute("DELETE FROM schema_migrations WHERE name LIKE '0082%'")
    with pytest.raises(CannotRebuildError, match="0082_decisions_of_cart"):
        await rebuild(trigger.settings)
