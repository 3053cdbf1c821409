"""Stories of the horizon: what the cart's relay tells of how far all is out, on a real PostgreSQL and a real Kafka."""

import asyncio
from datetime import datetime

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.errors import ProducerFenced

from libs.contracts.codec import decode
from libs.contracts.events import HorizonMoved
from libs.contracts.topics import CART_HORIZON, INVENTORY_LEVELS
from libs.kafka.clients import consumer
from libs.outbox.fencing import abandon
from libs.outbox.horizon import Horizon
from libs.outbox.relay import Relay
from libs.outbox.store import append
from tests.integration.libs.conftest import level
from tests.integration.libs.test_fail_over import started
from tests.integration.libs.test_relay import SOURCE, emptied, running
from tests.support.eventually import eventually

OF = INVENTORY_LEVELS.name


@pytest.fixture
def told(read_all):
    """The newest horizon, if there is one."""

    async def newest() -> HorizonMoved | None:
        records = await read_all(CART_HORIZON.name)
        if not records:
            return None
        headers = {name: value.decode() for name, value in records[-1].headers}
        event = decode(records[-1].key.decode(), headers, records[-1].value)
        assert isinstance(event, HorizonMoved)
        return event

    return newest


@pytest.fixture
def telling(outbox_dsn, kafka, topic_prefix):
    """Makes relays that tell how far the levels are out."""

    def make(**more) -> Relay:
        horizon = Horizon(kafka, OF, SOURCE, prefix=topic_prefix, recorded=bool(more.get("recorded")))
        return Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05, horizon=horizon, **more)

    return make


def moved_past(told, moment: datetime):
    async def moved() -> HorizonMoved | None:
        newest = await told()
        return newest if newest and newest.until > moment else None

    return moved


async def now(connection) -> datetime:
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return moment


async def ends(kafka: str, topic_prefix: str, read_all) -> dict[int, int]:
    """Where the partitions that hold anything end."""
    found: dict[int, int] = {}
    for record in await read_all(OF):
        found[record.partition] = max(found.get(record.partition, 0), record.offset + 1)
    return found


async def test_it_says_up_to_when_all_is_out_and_where_each_partition_ends(
    connection, kafka, topic_prefix, read_all, telling, told
):
    async with running(telling()):
        await append(connection, [level(n, f"sku-{n}") for n in range(30)], SOURCE)
        await emptied(connection)
        newest = await eventually(moved_past(told, await now(connection)))
        assert newest.until <= await now(connection)
    assert set(newest.ends) == set(range(INVENTORY_LEVELS.partitions))
    assert {p: end for p, end in newest.ends.items() if end} == await ends(kafka, topic_prefix, read_all)
    assert (newest.of, newest.recorded, newest.key()) == (OF, None, OF)


async def test_what_is_committed_late_is_not_told_as_out(outbox_dsn, connection, telling, told):
    """Story: an order stood in a transaction that was slow to commit, and the reminder went out before it."""
    async with running(telling()):
        before = await eventually(moved_past(told, await now(connection)))
        slow = await asyncpg.connect(outbox_dsn)
        async with slow.transaction():
            await append(slow, [level(1, "slow")], SOURCE)
            written = await now(connection)
            await append(connection, [level(2, "quick")], SOURCE)
            await eventually(lambda: connection.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"))
            again = await eventually(repeated(told, before))
            assert again.until < written
        newest = await eventually(moved_past(told, written))
        await slow.close()
    assert sum(newest.ends.values()) == 2


def repeated(told, before: HorizonMoved):
    """Horizons that say the same again: whoever hears them knows that somebody still leads."""
    seen: list[HorizonMoved] = [before]

    async def same() -> HorizonMoved | None:
        newest = await told()
        assert newest is not None
        same_again = newest.until == seen[-1].until and newest.event_id != seen[-1].event_id
        seen.append(newest)
        return newest if same_again else None

    return same


async def test_a_transaction_that_writes_nothing_to_the_outbox_holds_nothing_up(outbox_dsn, connection, telling, told):
    other = await asyncpg.connect(outbox_dsn)
    async with other.transaction(), running(telling()):
        await other.execute("CREATE TEMPORARY TABLE elsewhere ()")
        await eventually(moved_past(told, await now(connection)))
    await other.close()
    assert await told()


async def test_what_stands_in_the_outbox_while_kafka_is_away_is_not_told_as_out(connection, telling, told, monkeypatch):
    relay = telling()
    async with running(relay):
        await eventually(moved_past(told, await now(connection)))
        held = asyncio.Event()
        send = relay._send_all

        async def later(*arguments):
            await held.wait()
            await send(*arguments)

        monkeypatch.setattr(relay, "_send_all", later)
        await append(connection, [level(1)], SOURCE)
        written = await now(connection)
        await connection.execute("SELECT pg_notify('outbox', '')")
        await eventually(lambda: relay._horizon is not None and relay._horizon.due)
        newest = await told()
        assert newest is not None
        assert newest.until < written
        held.set()
        assert sum((await eventually(moved_past(told, written))).ends.values()) == 1


async def test_whoever_leads_next_knows_what_others_have_published(connection, telling, told):
    async with running(telling()):
        await append(connection, [level(n) for n in range(7)], SOURCE)
        await emptied(connection)
    async with running(telling()):
        newest = await eventually(moved_past(told, await now(connection)))
    assert sum(newest.ends.values()) == 7


async def test_whoever_led_before_tells_no_horizon_any_more(connection, kafka, topic_prefix, telling, told):
    name = topic_prefix + await connection.fetchval("SELECT 'outbox-' || current_database()")
    old = await started(kafka, name)
    deposed = Horizon(kafka, OF, SOURCE, prefix=topic_prefix)
    await deposed.look(connection)
    deposed.published(None)
    async with running(telling()):
        await eventually(moved_past(told, await now(connection)))
        deposed._until = datetime.fromisoformat("2100-01-01T00:00:00+00:00")
        with pytest.raises(ProducerFenced):
            await deposed.tell(old)
    await abandon(old)
    newest = await told()
    assert newest is not None
    assert newest.until.year < 2100


async def test_a_missing_topic_of_horizons_holds_no_event_back(
    connection, kafka, topic_prefix, read_all, telling, monkeypatch
):
    """A new cart service beside topics of before: events go on, and readers keep to what they did without."""
    monkeypatch.setattr(HorizonMoved, "topic", "nowhere")
    relay = telling()
    async with running(relay):
        await append(connection, [level(n) for n in range(3)], SOURCE)
        await emptied(connection)
        await eventually(lambda: relay._horizon is not None and relay._horizon._off_until > 0)
        await append(connection, [level(3)], SOURCE)
        await emptied(connection)
        assert relay.leading
    assert len(await read_all(OF)) == 4


async def test_partitions_that_are_added_are_told_of(connection, kafka, topic_prefix, telling, told, monkeypatch):
    relay = telling()
    async with running(relay):
        first = await eventually(moved_past(told, await now(connection)))
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.create_partitions({topic_prefix + OF: NewPartitions(INVENTORY_LEVELS.partitions + 2)})
        await admin.close()
        await eventually(lambda: partitions_seen(kafka, topic_prefix))
    async with running(telling()):
        newest = await eventually(moved_past(told, await now(connection)))
    assert len(newest.ends) == len(first.ends) + 2


async def partitions_seen(kafka: str, topic_prefix: str) -> bool:
    """Whether the brokers tell of the new partitions."""
    asking = consumer(kafka, topic_prefix + OF)
    await asking.start()
    try:
        return len(asking.partitions_for_topic(topic_prefix + OF) or ()) == INVENTORY_LEVELS.partitions + 2
    finally:
        await asking.stop()


async def test_of_recorded_traffic_it_says_that_callers_date_it(connection, telling, told):
    async with running(telling(recorded=True)):
        newest = await eventually(moved_past(told, await now(connection)))
    assert newest.recorded is True


async def test_a_repetition_of_which_nobody_tells_the_place_makes_the_end_unknown(
    connection, kafka, topic_prefix, read_all
):
    """A broker that took a record twice answers without an offset: the end is asked for anew instead of guessed."""
    leader = await started(kafka, topic_prefix)
    horizon = Horizon(kafka, OF, SOURCE, prefix=topic_prefix)
    await horizon._know_ends(leader)
    await leader.send_and_wait(topic_prefix + OF, b"1", key=b"k", partition=2)
    horizon.acknowledged(topic_prefix + OF, 2, -1)
    assert 2 not in horizon._ends
    await horizon._know_ends(leader)
    assert horizon._ends[2] == 1
    horizon.acknowledged(topic_prefix + "elsewhere", 2, 9)
    horizon.acknowledged(topic_prefix + OF, 2, 0)
    assert horizon._ends[2] == 1
    await abandon(leader)
