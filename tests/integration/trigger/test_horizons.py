"""Stories of facts before timers: a trigger that goes by what the cart's relay tells of how far all is out."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from libs.contracts.events import Event, HorizonMoved
from libs.contracts.topics import CART_EVENTS, CART_HORIZON
from libs.inbox.consumer import Received
from libs.outbox.horizon import Horizon
from libs.outbox.relay import Relay
from libs.outbox.store import append
from libs.runtime.ids import uuid7
from services.cart.main import MIGRATIONS as CART_MIGRATIONS
from services.trigger.db.progress import advance
from services.trigger.domain import horizons
from tests.integration.trigger.conftest import Bus, Trigger, ago, make_trigger, now, running
from tests.integration.trigger.test_kafka import both_own, carts_known, decided
from tests.support.eventually import eventually
from tests.unit.trigger.making import added, level, ordered


def moved(until: datetime, ends: dict[int, int], *, recorded: bool | None = None) -> HorizonMoved:
    return HorizonMoved(event_id=uuid7(), occurred_at=until, until=until, ends=ends, recorded=recorded)


async def tell(
    trigger: Trigger, until: datetime, ends: dict[int, int], told_at: datetime | None = None, **more
) -> None:
    """A horizon, as if it had come from Kafka."""
    event: Event = moved(until, ends, **more)
    await trigger.consumer.note_horizon(Received(event, CART_HORIZON.name, 0, 0, told_at or until))


async def read_until(trigger: Trigger) -> dict[int, datetime]:
    rows = await trigger.pool.fetch("SELECT partition, read_until FROM partition_progress WHERE read_until > 'epoch'")
    return {row["partition"]: row["read_until"] for row in rows}


@pytest.fixture
def cart_dsn(make_database) -> str:
    """A database of the cart service, of which only the outbox is written."""
    return str(make_database(CART_MIGRATIONS))


@pytest.fixture
def relay(cart_dsn, kafka, topic_prefix):
    """Makes the cart's relay."""

    def make() -> Relay:
        horizon = Horizon(kafka, CART_EVENTS.name, "/evercart/cart", prefix=topic_prefix)
        return Relay(cart_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05, horizon=horizon)

    return make


async def write(dsn: str, *events: Event) -> None:
    connection = await asyncpg.connect(dsn)
    await append(connection, events, "/evercart/cart")
    await connection.close()


async def test_once_a_horizon_was_told_a_batch_proves_no_more_than_it(trigger: Trigger) -> None:
    """`settle` was a guess of how long an order may be on its way."""
    until = ago(hours=1)
    await tell(trigger, until, {0: 3})
    await trigger.receive(added("a", 1, ago(minutes=30)), added("b", 1, ago(minutes=20)))
    assert await read_until(trigger) == {}, "offset 2 may hold an order from before"
    await trigger.receive(added("c", 1, ago(minutes=10)))
    assert await read_until(trigger) == {0: until}


async def test_before_a_first_horizon_the_old_rule_holds(trigger: Trigger) -> None:
    """A new trigger beside a cart service of before."""
    await trigger.receive(added("a", 1, moment := ago(minutes=30)))
    assert await read_until(trigger) == {0: moment}


async def test_a_batch_that_comes_again_takes_nothing_back(trigger: Trigger) -> None:
    batch = trigger.received([added("a", 1, ago(hours=3)), added("b", 1, ago(hours=3))])
    await tell(trigger, ago(hours=2), {0: 1})
    await tell(trigger, until := ago(hours=1), {0: 2})
    await trigger.consumer.handle(batch)
    await trigger.consumer.handle(batch[:1])
    assert await read_until(trigger) == {0: until}


async def test_of_recorded_traffic_a_horizon_is_ahead_by_what_settle_says(pool, trigger_dsn, campaigns_dir) -> None:
    trigger = await make_trigger(trigger_dsn, pool, campaigns_dir)
    trigger.consumer._read_until._settle = timedelta(seconds=9)
    await tell(trigger, until := ago(hours=1), {0: 1}, recorded=True)
    await trigger.receive(added("a", 1, ago(hours=3)))
    assert await read_until(trigger) == {0: until - timedelta(seconds=9)}


async def test_records_that_no_horizon_follows_bring_the_old_rule_back(trigger: Trigger, monkeypatch) -> None:
    """The cart service was rolled back to a release that tells no horizons: timers wait for minutes, not for ever."""

    async def at_end() -> bool:
        return True

    monkeypatch.setattr(trigger.consumer._horizons, "at_end", at_end)
    monkeypatch.setattr(trigger.consumer.inbox, "read_to_end", nothing)
    await tell(trigger, ago(hours=1), {0: 0}, told_at=ago(minutes=4))
    await trigger.receive(added("a", 1, now()))
    await trigger.consumer.note_ends()
    assert goes_by_horizons(trigger), "it may be a batch that takes long"
    monkeypatch.setattr(horizons, "SILENCE", timedelta(minutes=3))
    await trigger.consumer.note_ends()
    assert not goes_by_horizons(trigger)
    await trigger.receive(added("a", 2, moment := now()))
    assert (await read_until(trigger))[0] == moment
    await tell(trigger, ago(minutes=1), {0: 9})
    assert goes_by_horizons(trigger), "and a horizon ends it"


def goes_by_horizons(trigger: Trigger) -> bool:
    return trigger.consumer._read_until.by_horizon


async def nothing(_: str) -> dict[int, bool]:
    return {}


async def test_silence_counts_only_for_who_has_heard_all_there_is(trigger: Trigger, monkeypatch) -> None:
    """Who can't read the horizons does not know that none are told."""
    monkeypatch.setattr(horizons, "SILENCE", timedelta(0))
    await tell(trigger, ago(hours=1), {0: 0})
    await trigger.receive(added("a", 1, now()))
    await trigger.consumer.note_ends()
    assert goes_by_horizons(trigger)


async def test_an_order_in_an_outbox_that_nobody_relays_holds_the_reminder_back(
    live, bus: Bus, relay, cart_dsn: str
) -> None:
    """Story: the relay was down while people bought; all that stood on Kafka was read, and they were reminded."""
    trigger = await live()
    async with running(trigger.consumer.run(), trigger.timers.run()):
        async with running(relay().run()):
            await write(cart_dsn, added("a", 1, now()))
            await eventually(carts_known(trigger.pool, 1))
            await until_all_read(trigger, now())
        await write(cart_dsn, ordered("a", 2, now()), added("b", 1, now()))
        due = now()
        quiet = "UPDATE carts SET quiet_since = $1, decided_until = $1, due_at = $2"
        await trigger.pool.execute(quiet, due - timedelta(hours=1), due)
        await trigger.consumer.note_ends()
        await trigger.timers.fire()
        assert max((await read_until(trigger)).values()) < due
        async with running(relay().run()):
            await eventually(carts_known(trigger.pool, 2))
            await until_all_read(trigger, now())
    assert await trigger.reasons() == {}
    assert await trigger.requested() == []


async def until_all_read(trigger: Trigger, moment: datetime) -> None:
    """Waits until every partition has been read past a moment."""
    await eventually(lambda: all_read_past(trigger, moment))


async def all_read_past(trigger: Trigger, moment: datetime) -> bool:
    read = await read_until(trigger)
    return len(read) == CART_EVENTS.partitions and all(until > moment for until in read.values())


async def test_partitions_that_change_hands_are_read_up_to_the_same_horizon(live, bus: Bus, relay, cart_dsn) -> None:
    one, two = await live(), await live()
    async with running(relay().run(), one.consumer.run()):
        await write(cart_dsn, *(added(f"c{n}", 1, now()) for n in range(40)))
        await eventually(carts_known(one.pool, 40))
        async with running(two.consumer.run()):
            await eventually(lambda: both_own(one, two))
            await until_all_read(one, now())
        await write(cart_dsn, *(added(f"d{n}", 1, now()) for n in range(40)))
        await eventually(carts_known(one.pool, 80))
        await until_all_read(one, now())
        assert goes_by_horizons(one)
        assert goes_by_horizons(two)


async def test_a_trigger_that_starts_late_goes_by_the_horizon_that_stands_there(
    live, bus: Bus, relay, cart_dsn
) -> None:
    """The cart service is down: what it told last holds, and timers wait for what it has not told."""
    async with running(relay().run()):
        await write(cart_dsn, added("a", 1, now()))
        trigger = await live()
        async with running(trigger.consumer.run()):
            await until_all_read(trigger, now())
    stopped = now()
    await trigger.pool.execute("DELETE FROM partition_progress")
    late = await live()
    async with running(late.consumer.run()):
        await eventually(lambda: all_read_past(late, stopped - timedelta(minutes=5)))
        assert goes_by_horizons(late)
    assert max((await read_until(late)).values()) <= stopped


async def test_progress_wakes_the_timers(trigger_dsn, pool, campaigns_dir) -> None:
    """They poll once a minute here: what falls due is fired as soon as it was read past, and sooner than that never."""
    trigger = await make_trigger(trigger_dsn, pool, campaigns_dir, poll_seconds=60)
    await tell(trigger, ago(hours=2), {0: 9})
    await trigger.receive(added("a", 1, ago(hours=1, minutes=1)))
    async with running(trigger.timers.run(), trigger.consumer._progress.run()):
        await eventually(lambda: listening(trigger))
        for n in range(7):
            await trigger.receive(added(f"filler{n}", 1, ago(minutes=1)))
        assert await decided(trigger, 0)
        await trigger.consumer._note({0: ago(hours=2)})
        await tell(trigger, ago(seconds=1), {0: 8})
        await trigger.receive(added("last", 1, ago(minutes=1)))
        await eventually(lambda: decided(trigger, 1))


async def listening(trigger: Trigger) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = 'SELECT clock_timestamp()'"
    return bool(await trigger.pool.fetchval(query))


async def test_what_falls_due_is_told_with_the_progress(trigger: Trigger) -> None:
    """Nobody is woken where nothing waits; a fan-out that is open always waits."""
    await trigger.receive(added("a", 1, quiet := ago(hours=2)), partition=3)
    due = quiet + timedelta(hours=1)
    async with trigger.pool.acquire() as connection:
        assert not await advance(connection, {})
        assert not await advance(connection, {3: due})
        assert not await advance(connection, {4: now()})
        assert await advance(connection, {3: due + timedelta(microseconds=1)})
        assert not await advance(connection, {3: due}), "it never moves backwards"
    await trigger.timers.fire()
    await trigger.receive(level(10, 1, ago(minutes=5)), level(3, 2, ago(minutes=4)))
    async with trigger.pool.acquire() as connection:
        assert await advance(connection, {5: now()})


async def test_before_it_is_known_whether_there_are_horizons_nothing_is_taken_as_read(trigger: Trigger) -> None:
    """Story: a trigger began anew, went by the old rule for a second, and reminded of what stood in an outbox."""
    trigger.consumer._horizons.looked = False
    await trigger.receive(added("a", 1, moment := ago(minutes=30)))
    await trigger.consumer.note_ends()
    assert await read_until(trigger) == {}
    trigger.consumer._horizons.looked = True
    await trigger.receive(added("b", 1, moment))
    assert await read_until(trigger) == {0: moment}
