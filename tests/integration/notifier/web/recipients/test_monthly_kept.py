"""What was wished for is forgotten with whom it is of, and when its time is over."""

from datetime import timedelta

import httpx
import pytest

from services.notifier.jobs.retention import RetentionJob
from tests.integration.notifier.conftest import World, erased
from tests.integration.notifier.test_erasure import everything, request
from tests.integration.notifier.web.recipients.test_monthly import (
    ASKING,
    WISHES,
    link_in,
    requested,
    wish_link,
    yes_link,
)


@pytest.mark.parametrize("waits", [True, False])
async def test_an_erasure_takes_the_wish_and_what_asks_for_its_yes(world: World, web: httpx.AsyncClient, waits: bool):
    """What was wished after the erasure was asked for, and before it came here, goes as well."""
    link = await wish_link(world)
    erasure = request(world)
    await world.passes(timedelta(minutes=1))
    await web.post(link)
    yes = ""
    if not waits:
        await world.deliver()
        yes = link_in(world.relay.body(number=-1), "s")
    await world.receive(erasure)
    assert "anna" not in await everything(world)
    assert await world.pool.fetch(WISHES) == await world.pool.fetch(ASKING) == []
    for path in (link, yes or link):
        assert (await web.post(path)).status_code == 404
    assert await world.pool.fetch(WISHES) == []
    assert await requested(world) == []


async def test_a_profile_that_is_erased_takes_its_wishes_along(world: World, web: httpx.AsyncClient):
    await web.post(await wish_link(world))
    await world.receive(erased())
    assert await world.pool.fetch(WISHES) == []
    (asking,) = await world.pool.fetch(ASKING)
    assert (asking["state"], asking["reason"]) == ("cancelled", "erased")


async def test_wishes_go_when_their_time_is_over(world: World, web: httpx.AsyncClient):
    """Unconfirmed after 30 days, confirmed with the messages of the store."""
    await web.post(await yes_link(world, web))
    await world.pool.execute(
        "INSERT INTO monthly_wishes SELECT store_id, 'ben', sku, order_id, wished_at, wording, 1, asked_at "
        "FROM monthly_wishes"
    )
    start = await world.pool.fetchval("SELECT max(asked_at) FROM monthly_wishes")
    count, job = "SELECT count(*) FROM monthly_wishes", RetentionJob(world.pool, world.stores, world.clock)
    for days, left in ((29.9, 2), (30.1, 1), (399.9, 1), (400.1, 0)):
        world.now = start + timedelta(days=days)
        await job.round()
        assert await world.pool.fetchval(count) == left, days
