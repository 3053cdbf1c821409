"""Each store and its provider have a lane of their own."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import uuid4

from services.notifier.db import deliveries
from services.notifier.domain.lanes import FAILURES_MOST
from services.notifier.jobs.deliveries import Worker
from tests.integration.notifier.conftest import LEASE, World, low_stock, reminder
from tests.support.eventually import eventually


async def test_a_hung_relay_delays_no_text_and_its_messages_wait_instead_of_ending_unknown(world: World):
    world.extra["in_flight"] = 2
    names = [f"customer{n}" for n in range(12)]
    for name in names:
        await world.knows(name)
        world.relay.fails("hang", "rcpt")
    letters = [await world.asks(customer_id=name) for name in names]
    await world.passes(timedelta(seconds=1))  # they are older than the text
    await world.knows("texted")
    worker = Worker(world.dsn, world.pool, world.delivery(), in_flight=2, lease=LEASE, poll_s=0.05)
    running = asyncio.create_task(worker.run())
    await eventually(lambda: len(world.relay.faults.pending()) == 10)
    text = await world.asks(**low_stock(customer_id="texted"))
    await eventually(lambda: len(world.twilio.taken) == 1)

    async def recorded() -> bool:
        return await world.ended(text) == ("sent", None)

    assert await eventually(recorded)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert {(await world.ended(letter))[0] for letter in letters} == {"pending"}


async def test_a_store_s_backlog_does_not_stand_before_another_store_s_message(world: World):
    backlog = [reminder(world.now, store_id="big") for _ in range(50)]
    await world.receive(*backlog)
    await world.passes(timedelta(seconds=1))
    await world.receive(reminder(world.now, store_id="small"))
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 8, uuid4(), LEASE, share=4)
    assert Counter(one.store_id for one in claimed) == {"big": 4, "small": 1}


async def test_a_shut_lane_s_messages_are_not_taken_up(world: World):
    await world.receive(reminder(world.now, store_id="shut"), reminder(world.now, store_id="open"))
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 8, uuid4(), LEASE, places={("shut", "email"): 0}, share=4)
        assert [one.store_id for one in claimed] == ["open"]
        again = await deliveries.claim(connection, 8, uuid4(), LEASE, places={("shut", "email"): 1}, share=4)
        assert [one.store_id for one in again] == ["shut"]


async def test_a_relay_that_is_away_is_not_asked_for_every_message(world: World):
    await world.relay.stop()
    names = [f"customer{n}" for n in range(30)]
    for name in names:
        await world.knows(name)
    letters = [await world.asks(customer_id=name) for name in names]
    worker = Worker(world.dsn, world.pool, world.delivery(), in_flight=1, lease=LEASE, poll_s=0.01)
    running = asyncio.create_task(worker.run())
    await eventually(lambda: worker._shut == {("demo", "email")})
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    tried = [letter for letter in letters if (await world.row(letter))["failures"]]
    assert len(tried) == FAILURES_MOST
