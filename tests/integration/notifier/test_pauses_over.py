"""The end of a recipient's pause reaches those who plan by reach within seconds, and once."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from libs.outbox.waker import Waker
from libs.runtime.clock import utc_now
from services.notifier.db import preferences
from services.notifier.jobs.pauses_over import INTERVAL_S, PausesOver
from tests.integration.notifier.conftest import World
from tests.integration.notifier.test_reach import told
from tests.integration.notifier.web.recipients.choosing import link

OVER = "UPDATE preferences SET paused_until = now() - interval '5 seconds'"
YES, NO = ("anna", True, True), ("anna", False, False)


def job(world: World) -> PausesOver:
    return PausesOver(world.pool, Waker(world.pool), utc_now)


async def paused(world: World, web: httpx.AsyncClient) -> str:
    """The page of Anna's, on which she has paused."""
    await world.knows()
    url = await link(world)
    await web.post(url, data={"do": "pause"})
    assert await told(world) == [YES, NO]
    return url


async def test_once_a_pause_is_over_she_can_be_reached_again_and_that_is_told_once(
    world: World, web: httpx.AsyncClient
):
    await paused(world, web)
    assert (await job(world).round(), await told(world)) == (0, []), "thirty days are not over"
    await world.pool.execute(OVER)
    assert await job(world).round() == 4, "two channels, by name and by address"
    assert await told(world) == [YES]
    assert (await job(world).round(), await told(world)) == (0, [])
    assert await world.pool.fetchval("SELECT count(*) FROM preferences") == 0, "what says nothing is no row"
    assert INTERVAL_S <= 60


async def test_what_she_declined_stays_when_the_pause_is_over(world: World, web: httpx.AsyncClient):
    url = await paused(world, web)
    await web.post(url, data={"do": "save", "shown": ["email"], "email": ["cart_reminders"]})
    await world.pool.execute(OVER)
    await job(world).round()
    rows = await world.pool.fetch("SELECT DISTINCT channel, declined, paused_until FROM preferences")
    assert [tuple(row) for row in rows] == [("email", ["marketing", "stock_alerts"], None)]


async def test_who_shares_the_address_is_told_of_too(world: World, web: httpx.AsyncClient):
    await world.knows("bert", email="anna@mail.example", phone=None)
    await told(world)
    await paused_with(world, web)
    await world.pool.execute(OVER)
    await job(world).round()
    assert set(await told(world)) == {YES, ("bert", True, False)}


async def paused_with(world: World, web: httpx.AsyncClient) -> None:
    await world.knows()
    url = await link(world)
    await web.post(url, data={"do": "pause"})
    assert set(await told(world)) == {YES, NO, ("bert", False, False)}


async def test_ending_or_undoing_it_by_hand_is_told_at_once(world: World, web: httpx.AsyncClient):
    url = await paused(world, web)
    await web.post(url, data={"do": "resume"})
    assert await told(world) == [YES]
    await web.post(url, data={"do": "pause"})
    assert await told(world) == [NO]
    change = await world.pool.fetchval("SELECT max(change_id) FROM preference_changes")
    await web.post(url, data={"do": "undo", "change": str(change)})
    assert await told(world) == [YES]


async def test_many_processes_end_it_once_and_one_that_was_begun_anew_goes_on(world: World, web: httpx.AsyncClient):
    url = await paused(world, web)
    await world.pool.execute(OVER)
    assert sum(await asyncio.gather(*(job(world).round() for _ in range(4)))) == 4
    assert await told(world) == [YES]
    await web.post(url, data={"do": "pause"})
    await told(world)
    async with world.pool.acquire() as connection, connection.transaction():
        assert await preferences.end_pauses(connection, utc_now() + timedelta(days=31), 1) != []
        assert len(await preferences.end_pauses(connection, utc_now() + timedelta(days=31), 9)) == 3


async def test_a_crash_before_the_commit_leaves_it_to_the_next_round(
    world: World, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    await paused(world, web)
    await world.pool.execute(OVER)

    async def crashes(*_: object) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr("services.notifier.handlers.reach.outbox.append", crashes)
        with pytest.raises(ConnectionError):
            await job(world).round()
    assert await told(world) == []
    assert await job(world).round() == 4
    assert await told(world) == [YES]
