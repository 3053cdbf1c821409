"""Stories of timers that are killed while many fall due, and of batches that overlap: nobody twice, nobody left out."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from services.trigger import timers as timers_module
from services.trigger.db import timers
from services.trigger.handlers.timers import decide_together
from tests.integration.trigger.conftest import Trigger, ago
from tests.support.eventually import eventually
from tests.support.forks import Forks
from tests.unit.trigger.making import added

ROOT = Path(__file__).parents[3]
CARTS = 3000
REQUESTS = "SELECT count(*) FROM outbox WHERE topic = 'reminder.requests'"
REMINDED = """
SELECT count(DISTINCT convert_from(value, 'UTF8')::jsonb ->> 'cart_id') FROM outbox WHERE topic = 'reminder.requests'
"""


async def fall_due(trigger: Trigger, carts: int) -> None:
    """So many carts whose first reminder is due."""
    for start in range(0, carts, 500):
        await trigger.receive(*(added(f"c{n}", 1, ago(hours=2)) for n in range(start, min(carts, start + 500))))
    await trigger.read_until(ago(minutes=1))


@pytest.mark.parametrize("kills", [1, 3])
async def test_killed_while_timers_fall_due_nobody_is_asked_for_twice_or_left_out(
    trigger: Trigger, forks: Forks, campaigns_dir: Path, kills: int
) -> None:
    await fall_due(trigger, CARTS)
    settings = {
        "TRIGGER_MODE": "local",
        "TRIGGER_DATABASE_URL": trigger.settings.database_url.get_secret_value(),
        "TRIGGER_CAMPAIGNS_DIR": str(campaigns_dir),
        "PYTHONPATH": str(ROOT),
    }
    await trigger.pool.execute("UPDATE campaign_activations SET active_since = '2020-01-01'")
    for kill in range(kills):
        with forks.run("services.trigger.main", "timers", env=os.environ | settings):
            await eventually(partial(more_than, trigger, 500 * kill))
    await eventually(partial(asks_for, trigger, trigger.timers.fire_all, CARTS))
    while await trigger.timers.fire_all():
        pass
    assert await trigger.pool.fetchval(REQUESTS) == CARTS
    assert await trigger.pool.fetchval(REMINDED) == CARTS


async def asks_for(trigger: Trigger, work: Callable[[], Awaitable[int]], number: int) -> bool:
    """Works on; whether that came to so many requests. What the killed one held is free once the database notices."""
    await work()
    return bool(await trigger.pool.fetchval(REQUESTS) == number)


async def more_than(trigger: Trigger, number: int) -> bool:
    """Whether more requests than that were committed."""
    return bool(await trigger.pool.fetchval(REQUESTS) > number)


async def test_batches_overlap_and_take_carts_that_nobody_holds(trigger: Trigger, monkeypatch) -> None:
    """Each is decided on once, though two are at work; a batch that is not full needs no second one."""
    monkeypatch.setattr(timers_module, "BATCH", 20)
    begun, under_way, most = 0, 0, 0
    decide, met = decide_together, asyncio.Event()

    async def counted(*arguments):
        nonlocal begun, under_way, most
        begun, under_way = begun + 1, under_way + 1
        most = max(most, under_way)
        if under_way == timers_module.SIDE_BY_SIDE:
            met.set()
        try:
            if begun > 2:  # before that each is alone: the batch that is not full, and the first of many
                await met.wait()
            return await decide(*arguments)
        finally:
            under_way -= 1

    monkeypatch.setattr(timers_module, "decide_together", counted)
    await fall_due(trigger, 19)
    assert await trigger.timers.fire_all() == 19
    assert most == 1
    await fall_due(trigger, 300)
    assert await trigger.timers.fire_all() == 281
    assert most == timers_module.SIDE_BY_SIDE
    assert await trigger.pool.fetchval(REMINDED) == await trigger.pool.fetchval(REQUESTS) == 300


async def test_a_batch_that_fails_is_told_when_the_other_has_ended(trigger: Trigger, monkeypatch) -> None:
    monkeypatch.setattr(timers_module, "BATCH", 20)
    await fall_due(trigger, 200)
    claim, claims = timers.claim, 0

    async def failing(*arguments):
        nonlocal claims
        claims += 1
        if claims == 3:
            raise OSError("the way to the database")
        return await claim(*arguments)

    monkeypatch.setattr(timers, "claim", failing)
    with pytest.raises(OSError, match="the way to the database"):
        await trigger.timers.fire_all()
    assert await trigger.pool.fetchval(REQUESTS) == 200, "the other went on"
    assert await trigger.timers.fire_all() == 0
