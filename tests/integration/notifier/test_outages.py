"""Neighbours that are slow, talk nonsense or go away, and come back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from libs.contracts.events import ReminderRequested
from libs.postgres.errors import FAILURES
from services.notifier.channels.email import smtp
from services.notifier.channels.email.conversation import Patience
from services.notifier.db import deliveries
from services.notifier.jobs.deliveries import Worker
from tests.integration.notifier.conftest import LEASE, World, low_stock
from tests.support.eventually import eventually


@asynccontextmanager
async def worker(world: World, poll_s: float = 1) -> AsyncIterator[None]:
    """A delivery loop beside the test; if it dies the test does."""
    loop = Worker(world.dsn, world.pool, world.delivery(), in_flight=4, lease=LEASE, poll_s=poll_s)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(loop.run())
        yield
        running.cancel()


def waits_for(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    """A relay that says nothing is waited for so long at that point, and at others as long as ever."""
    monkeypatch.setattr(smtp, "Patience", lambda: Patience(**seconds))


async def asked_at_last(world: World) -> ReminderRequested:
    """As the inbox does it: what fails because the database is away is tried again."""
    return await eventually(world.asks, despite=FAILURES)


@pytest.mark.parametrize(
    "answer",
    [
        Response("not json"),
        JSONResponse({"cart": {}}),
        JSONResponse([]),
        HTMLResponse("<h1>Not found</h1>", 404),
        Response(status_code=302, headers={"Location": "https://elsewhere.example"}),
        JSONResponse({}, 429),
    ],
    ids=["text", "another shape", "a list", "a proxy's 404", "a redirect", "too many"],
)
async def test_an_answer_that_says_nothing_about_the_cart_is_waited_out(world: World, answer: Response):
    await world.knows()
    request = await world.asks()
    world.carts.answer = answer
    await world.deliver()
    assert await world.ended(request) == ("pending", "cart_unavailable")
    assert world.relay.messages == []


async def test_a_cart_service_that_never_answers_is_given_up_on_for_now(world: World):
    world.extra["lease_seconds"] = 2
    released = asyncio.Event()
    world.carts.before_answer = released.wait
    await world.knows()
    request = await world.asks()
    await world.deliver()
    released.set()
    assert await world.ended(request) == ("pending", "cart_unavailable")


async def test_a_relay_that_never_answers_to_the_recipient_surely_has_nothing(world: World, monkeypatch):
    waits_for(monkeypatch, command=2)
    world.relay.fails("hang", "rcpt")
    await world.knows()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("pending", "smtp_disconnected")
    await world.passes(timedelta(minutes=1))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_relay_that_never_answers_to_the_message_may_have_it(world: World, monkeypatch):
    waits_for(monkeypatch, final_dot=0.5)
    world.relay.fails("hang_after_data")
    await world.knows()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("unknown", "smtp_no_answer")


async def test_a_relay_that_answers_later_than_a_lease_lasts_still_gets_one_copy(world: World):
    """At least once, and today's relay got six in 55 s: the lease is renewed while the conversation lives."""
    world.shop["delivery"] = "at_least_once"
    world.relay.fails("hang_after_data")
    await world.knows()
    request = await world.asks()
    lease = timedelta(seconds=1.5)
    delivery = world.delivery(lease=lease)
    loops = [Worker(world.dsn, world.pool, delivery, in_flight=4, lease=lease, poll_s=0.05) for _ in range(2)]
    running = [asyncio.create_task(loop.run()) for loop in loops]
    await world.relay.until(1)
    sending_at = (await world.row(request))["next_at"]

    async def renewed_often() -> bool:
        row = await world.row(request)
        return bool(row["state"] == "sending" and row["next_at"] > sending_at + 2 * lease)

    assert await eventually(renewed_often)
    assert len(world.relay.messages) == 1
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_at_least_once_is_two_copies_at_most(world: World, monkeypatch):
    waits_for(monkeypatch, final_dot=0.5)
    world.shop["delivery"] = "at_least_once"
    for _ in range(4):
        world.relay.fails("hang_after_data")
    await world.knows()
    request = await world.asks()
    for _ in range(4):
        await world.deliver()
        await world.passes(timedelta(minutes=5))
    assert len(world.relay.messages) == 2
    assert await world.ended(request) == ("unknown", "smtp_no_answer")
    assert await world.told() == ["message.unknown"]


async def test_twilio_out_of_reach_is_asked_later(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFIER_TWILIO_BASE_URL", "http://127.0.0.1:1")
    await world.knows()
    request = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(request) == ("pending", "twilio_unreachable")


async def test_a_database_that_drops_every_connection_stops_nothing_for_long(world: World):
    await world.knows()
    async with worker(world):
        first = await world.asks()
        await world.relay.until(1)
        admin = await asyncpg.connect(world.dsn)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await admin.close()
        second = await asked_at_last(world)
        await world.relay.until(2)
    assert await world.ended(first) == await world.ended(second) == ("sent", None)
    assert len({m["Message-ID"] for m in world.relay.messages}) == len(world.relay.messages) == 2


async def test_a_listener_that_was_cut_off_listens_again_long_before_the_next_poll(world: World):
    async def listener() -> int | None:
        found = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
        pid: int | None = await world.pool.fetchval(found)
        return pid

    await world.knows()
    async with worker(world, poll_s=10_000):
        first = await eventually(listener)
        await world.pool.execute("SELECT pg_terminate_backend($1, 10000)", first)
        assert await eventually(listener) != first
        await world.asks()
        await world.pool.execute(deliveries.WAKE)
        await world.relay.until(1)


async def test_what_is_under_way_at_the_end_of_a_process_is_finished(world: World):
    await world.knows()
    request = await world.asks()
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        asked.set()
        await go_on.wait()

    world.carts.before_answer = hold
    running = asyncio.create_task(
        Worker(world.dsn, world.pool, world.delivery(), in_flight=4, lease=LEASE, poll_s=1).run()
    )
    await asked.wait()
    running.cancel()
    asyncio.get_running_loop().call_soon(go_on.set)
    await asyncio.gather(running, return_exceptions=True)
    assert await world.ended(request) == ("sent", None)
