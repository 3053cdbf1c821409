"""The consumer on a real Kafka: facts before timers, poison aside, partitions that change hands."""

import asyncio
from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaConsumer

from libs.contracts.events import OrderPlaced, OrderReturned
from libs.contracts.topics import CART_EVENTS, dlq
from libs.outbox.relay import Relay
from libs.postgres.pool import Pool
from libs.runtime.ids import uuid7
from tests.integration.trigger.conftest import Bus, Trigger, ago, now, running
from tests.support.eventually import eventually
from tests.unit.trigger.making import added, cart_id, level, ordered

PATIENCE_S = 60


def carts_known(pool: Pool, number: int) -> Callable[[], Awaitable[bool]]:
    async def known() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM carts") == number)

    return known


async def test_an_idle_cart_becomes_a_reminder_request_on_kafka(live, bus: Bus, kafka: str) -> None:
    trigger = await live()
    reader = AIOKafkaConsumer(bus.prefix + "reminder.requests", bootstrap_servers=kafka, auto_offset_reset="earliest")
    await reader.start()
    try:
        await bus.publish(added("a", 1, ago(hours=2)))
        relay = Relay(trigger.settings.database_url.get_secret_value(), kafka, topic_prefix=bus.prefix)
        async with running(trigger.consumer.run(), trigger.timers.run(), relay.run()):
            async with asyncio.timeout(PATIENCE_S):
                record = await reader.getone()
    finally:
        await reader.stop()
    assert record.key == b"customer-a"
    assert dict(record.headers)["ce_type"] == b"reminder.requested"


async def test_an_order_unread_in_kafka_holds_the_reminder_back(live, bus: Bus) -> None:
    """The order came while no trigger lived: nobody is reminded of what they bought in an outage."""
    trigger = await live()
    await bus.publish(added("a", 1, ago(hours=2)), ordered("a", 2, ago(minutes=90)))
    await bus.publish(added("b", 1, ago(hours=2)))
    async with running(trigger.consumer.run(), trigger.timers.run()):
        await eventually(lambda: decided(trigger, 1))
    assert [r.cart_id for r in await trigger.requested()] == [cart_id("b")]


async def decided(trigger: Trigger, number: int) -> bool:
    """Whether so many decisions have been taken."""
    return bool(await trigger.pool.fetchval("SELECT count(*) FROM decisions") == number)


async def test_nothing_advances_while_no_consumer_lives(live, bus: Bus) -> None:
    trigger = await live()
    await bus.publish(added("a", 1, ago(minutes=90)))
    async with running(trigger.consumer.run()):
        await eventually(carts_known(trigger.pool, 1))
    await trigger.pool.execute(  # as if it had stopped then
        "UPDATE partition_progress SET read_until = least(read_until, now() - interval '40 min')"
    )
    stopped_at = await trigger.pool.fetchval("SELECT max(read_until) FROM partition_progress")
    await bus.publish(ordered("a", 2, ago(minutes=35)))
    await trigger.timers.fire()
    assert await trigger.requested() == []
    assert await trigger.pool.fetchval("SELECT max(read_until) FROM partition_progress") == stopped_at


async def test_an_empty_partition_is_read_to_the_present(live, bus: Bus) -> None:
    trigger, asked = await live(), now()

    async def all_read() -> bool:
        query = "SELECT count(*) FROM partition_progress WHERE read_until > $1"
        return bool(await trigger.pool.fetchval(query, asked) == CART_EVENTS.partitions)

    async with running(trigger.consumer.run()):
        await eventually(all_read)


async def test_a_poison_record_is_set_aside_and_the_partition_moves_on(live, bus: Bus, kafka: str) -> None:
    trigger = await live()
    first, last = added("a", 1, ago(hours=2)), added("a", 2, ago(hours=1, minutes=30))
    key = first.key().encode()
    await bus.publish(first)
    await bus.raw(CART_EVENTS.name, key, b"{not json", {"ce_type": "cart.line_added"})
    await bus.raw(CART_EVENTS.name, key, b"{}", {"ce_type": "cart.abducted"})
    await bus.publish(last)
    reader = AIOKafkaConsumer(bus.prefix + dlq(CART_EVENTS.name), bootstrap_servers=kafka, auto_offset_reset="earliest")
    await reader.start()
    try:
        async with running(trigger.consumer.run(), trigger.timers.run()):
            async with asyncio.timeout(PATIENCE_S):
                buried = await reader.getone()
            await eventually(lambda: decided(trigger, 1))
    finally:
        await reader.stop()
    assert buried.value == b"{not json"
    assert [r.cart_version for r in await trigger.requested()] == [2]


async def test_poison_at_the_end_does_not_hold_timers_back(live, bus: Bus) -> None:
    trigger, event = await live(), added("a", 1, ago(hours=2))
    await bus.publish(event)
    await bus.raw(CART_EVENTS.name, event.key().encode(), b"?", {"ce_type": "cart.line_added"})
    async with running(trigger.consumer.run(), trigger.timers.run()):
        await eventually(lambda: decided(trigger, 1))


async def test_two_consumers_share_the_partitions_and_one_carries_on_alone(live, bus: Bus) -> None:
    one, two = await live(), await live()
    carts = [f"c{n}" for n in range(60)]
    async with running(one.consumer.run()):
        async with running(two.consumer.run()):
            await eventually(lambda: both_own(one, two))
            await bus.publish(*(added(c, 1, ago(hours=2)) for c in carts))
            await eventually(carts_known(one.pool, 60))
        await bus.publish(*(ordered(c, 2, ago(minutes=100)) for c in carts[:30]))
        await eventually(lambda: closed(one, 30))
        async with running(one.timers.run(), two.timers.run()):
            await eventually(lambda: decided(one, 30))
    reminded = [r.cart_id for r in await one.requested()]
    assert sorted(reminded) == sorted(map(cart_id, carts[30:]))


async def closed(trigger: Trigger, number: int) -> bool:
    """Whether so many carts are known to be closed."""
    return bool(await trigger.pool.fetchval("SELECT count(*) FROM carts WHERE closed_at IS NOT NULL") == number)


async def both_own(one: Trigger, two: Trigger) -> bool:
    """Whether the group has given each consumer some partitions of the cart events."""
    owned = [set(await t.consumer.inbox.read_to_end(CART_EVENTS.name)) for t in (one, two)]
    return all(owned) and len(owned[0] | owned[1]) == CART_EVENTS.partitions


async def test_events_of_no_concern_are_passed_over(live, bus: Bus) -> None:
    trigger = await live()
    order = OrderPlaced(event_id=uuid7(), occurred_at=ago(minutes=5), order_id="1", store_id="shop", customer_id="anna")
    shop = {"order_id": "1", "store_id": "shop", "customer_id": "anna", "happened_at": now()}
    back = OrderReturned(event_id=uuid7(), occurred_at=ago(minutes=5), status="returned", **shop)
    await bus.publish(order, back, level(10, 1, ago(minutes=5)), added("a", 1, ago(minutes=4)))
    async with running(trigger.consumer.run()):
        await eventually(carts_known(trigger.pool, 1))
