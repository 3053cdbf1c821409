"""A process that dies at its worst moment loses nothing and repeats nothing."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from services.notifier.db import deliveries, sending
from services.notifier.db.sending import Sending
from services.notifier.domain.reminder import Reminder
from services.notifier.handlers.source import SOURCE
from services.notifier.jobs.deliveries import Worker
from tests.integration.notifier.conftest import LEASE, World, described, ending, low_stock, of_providers
from tests.integration.notifier.stand_ins import KEY
from tests.support.eventually import eventually
from tests.support.forks import Forks

ROOT = Path(__file__).parents[3]


class Crash(BaseException):
    """Nobody catches it, as nobody catches a kill."""


def crash_at(point: str) -> Callable[[str, Reminder], None]:
    def at(here: str, _reminder: Reminder) -> None:
        if here == point:
            raise Crash

    return at


async def test_a_crash_before_the_sending_was_committed_loses_nothing(world: World):
    await world.knows()
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crash_at("claimed"))
    assert await world.deliver() == 0, "the lease of the dead holder still runs"
    await world.passes(LEASE)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert len(world.relay.messages) == 1


@pytest.mark.parametrize("point", ["before_send", "after_send"])
async def test_a_crash_between_the_provider_s_yes_and_the_record_is_unknown_and_not_repeated(world: World, point):
    await world.knows()
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crash_at(point))
    assert (await world.row(request))["state"] == "sending"
    sent = len(world.relay.messages)
    await world.passes(LEASE)
    await world.deliver()
    assert await world.ended(request) == ("unknown", "interrupted")
    assert await world.told() == ["message.unknown"]
    assert len(world.relay.messages) == sent


@pytest.mark.parametrize("point", ["before_send", "after_send"])
async def test_a_store_may_choose_that_what_is_unknown_is_sent_again_under_the_same_id(world: World, point):
    world.shop["delivery"] = "at_least_once"
    await world.knows()
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crash_at(point))
    await world.passes(LEASE)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert await world.told() == ["message.sent"]
    assert len({m["Message-ID"] for m in world.relay.messages}) == 1


async def test_a_process_that_always_dies_over_a_message_makes_two_copies_of_it_at_most(world: World):
    world.shop["delivery"] = "at_least_once"
    await world.knows()
    request = await world.asks()
    for _ in range(2):
        with pytest.raises(Crash):
            await world.deliver(crash_at("after_send"))
        await world.passes(LEASE)
    await world.deliver()
    assert await world.ended(request) == ("unknown", "interrupted")
    assert len(world.relay.messages) == 2


async def test_a_crash_while_the_relay_is_still_being_told_the_recipient_loses_nothing(world: World):
    world.relay.fails("hang", "rcpt")
    await world.knows()
    request = await world.asks()
    dying = asyncio.create_task(world.deliver())
    await eventually(lambda: not world.relay.faults.pending())
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await world.passes(LEASE)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert len(world.relay.messages) == 1


async def test_what_may_have_been_sent_is_never_reported_as_cancelled(world: World):
    world.shop["delivery"] = "at_least_once"
    await world.knows()
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crash_at("after_send"))
    world.carts.holds(request.cart_id, status="ordered")
    await world.passes(LEASE)
    await world.deliver()
    assert await world.ended(request) == ("unknown", "ordered")


async def test_what_may_have_been_sent_stays_so_while_it_waits_to_be_sent_again(world: World):
    world.shop["delivery"] = "at_least_once"
    await world.knows()
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crash_at("after_send"))
    await world.passes(LEASE)
    world.carts.down = True
    await world.deliver()
    assert await world.ended(request) == ("sending", "cart_unavailable")
    await world.passes(timedelta(hours=6))
    await world.deliver()
    assert await world.ended(request) == ("unknown", "cart_unavailable")


async def test_a_crash_after_the_record_repeats_nothing(world: World):
    await world.knows()
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crash_at("recorded"))
    await world.passes(LEASE)
    assert await world.deliver() == 0
    assert await world.ended(request) == ("sent", None)
    assert await world.told() == ["message.sent"]


async def test_a_relay_that_hangs_up_over_the_message_leaves_it_unknown(world: World):
    await world.knows()
    request = await world.asks()
    world.relay.fails("drop_after_data")
    await world.deliver()
    assert await world.ended(request) == ("unknown", "smtp_no_answer")


async def test_a_holder_that_was_given_up_can_t_write_any_more(world: World):
    await world.knows()
    request = await world.asks()
    async with world.pool.acquire() as connection:
        (slow,) = await deliveries.claim(connection, 10, uuid4(), LEASE)
        await world.passes(LEASE)
        await world.deliver()
        assert not await sending.begin(connection, [Sending(slow, "anna@mail.example", (b"u", b"c"))], LEASE)
        assert not await sending.finish(connection, [ending(slow, "cancelled", "ordered")], SOURCE)
        assert not await deliveries.release(connection, slow, "smtp_451", timedelta(), failed=True, copies=0)
    assert await world.ended(request) == ("sent", None)
    assert len(world.relay.messages) == 1


async def test_workers_side_by_side_never_send_twice(world: World):
    names = [f"customer{n}" for n in range(40)]
    for name in names:
        await world.knows(name)
    requests = [await world.asks(customer_id=name) for name in names]
    delivery = world.delivery()
    workers = [Worker(world.dsn, world.pool, delivery, in_flight=4, lease=LEASE, poll_s=1) for _ in range(3)]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    await world.relay.until(len(names))
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert [await world.ended(r) for r in requests] == [("sent", None)] * len(names)
    assert sorted(m["Message-ID"] for m in world.relay.messages) == sorted(
        f"<{r.reminder_id}@nordwind.example>" for r in requests
    )


async def test_two_messages_at_once_to_one_customer_still_keep_the_cap(world: World):
    world.shop["email_cap_hours"] = 2
    await world.knows()
    requests = [await world.asks(**low_stock(channel="email")) for _ in range(6)]
    delivery = world.delivery()
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 10, uuid4(), LEASE)
    await asyncio.gather(*(delivery.deliver(one) for one in claimed))
    states = [(await world.ended(r))[0] for r in requests]
    assert sorted(states) == ["pending"] * 5 + ["sent"]
    assert len(world.relay.messages) == 1


@pytest.mark.parametrize("point", ["claimed", "before_send", "after_send", "recorded"])
async def test_a_killed_process_never_makes_two_messages_of_one(world: World, forks: Forks, point):
    """The real thing: a process of its own that ends by os._exit at the given point."""
    await world.receive(described())
    await world.knows()
    request = await world.asks()
    with forks.run("tests.integration.notifier.killed", point, env=os.environ | environment(world)) as killed:
        assert await asyncio.to_thread(killed.wait) == 9
    await world.passes(LEASE)
    await world.deliver()
    state = (await world.row(request))["state"]
    assert len(world.relay.messages) == (0 if point == "before_send" else 1)
    assert state == ("sent" if point in {"claimed", "recorded"} else "unknown")
    assert await world.told() == [f"message.{state}"]


def environment(world: World) -> dict[str, str]:
    """The settings of a notifier in a process of its own."""
    settings = world.settings
    return {
        "PYTHONPATH": str(ROOT),
        "NOTIFIER_MODE": "local",
        "NOTIFIER_DATABASE_URL": world.dsn,
        "NOTIFIER_CART_URL": settings.cart_url,
        "NOTIFIER_CART_KEY": KEY,
        **of_providers(world.twilio, world.relay),
        "NOTIFIER_PUBLIC_URL": settings.public_url,
        "NOTIFIER_LINK_SECRET": "s" * 32,
        "NOTIFIER_HEALTH_PORT": "0",
        "NOTIFIER_PORT": "0",
    }
