"""The real path (SQL, batches, redelivery, timers) decides what the backtest decides over the same facts."""

import asyncio
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from libs.contracts.events import CartEvent
from services.trigger import timers
from services.trigger.domain.backtest import decisions
from tests.integration.trigger.conftest import Trigger, ago
from tests.support.cart_histories import history
from tests.unit.trigger.making import campaigns

# Each step is a campaign of its own, with a lateness budget that spans the test: lateness is not what is compared here.
PATIENT = """
campaigns:
  - {name: first, kind: abandoned_cart, steps: [{delay: 1h, channel: email, template: t, lateness: 300d}]}
  - {name: second, kind: abandoned_cart, steps: [{delay: 5h, channel: sms, template: t, lateness: 300d}]}
  - name: big
    kind: abandoned_cart
    conditions: {minimum_total: 2000}
    steps: [{delay: 90m, channel: email, template: t, lateness: 300d}]
  - name: whatever_is_ordered
    kind: abandoned_cart
    exit_on: []
    steps: [{delay: 59m, channel: email, template: t, lateness: 300d}]
"""
NAMES = [f"c{n}" for n in range(12)]
MINUTES = (0, 1, 29, 30, 31, 59, 60, 61, 90, 300)


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """Campaigns without lateness."""
    (tmp_path / "default.yaml").write_text(PATIENT)
    return tmp_path


def made_up(rng: random.Random) -> list[CartEvent]:
    """Changes of some carts in order of time, ending in the past, with ties between changes and due times."""
    start = datetime.now(ago().tzinfo).replace(microsecond=0) - timedelta(days=60)
    return history(rng.choice, lambda: timedelta(minutes=rng.choice(MINUTES)), start, NAMES, 150)


@pytest.mark.parametrize("seed", range(6))
async def test_the_real_path_and_the_backtest_decide_the_same(trigger: Trigger, seed: int, monkeypatch) -> None:
    monkeypatch.setattr(timers, "BATCH", 3)
    rng = random.Random(seed)
    events, position = made_up(rng), 0
    while position < len(events):
        size = rng.randint(1, 12)
        await trigger.receive(*events[max(0, position - rng.choice([0, 0, 3])) : position + size])
        position += size
        if rng.random() < 0.5:
            while await trigger.timers.fire():
                continue
    await agrees_with_backtest(trigger, events)


@pytest.mark.parametrize("seed", range(4))
async def test_a_zombie_that_writes_beside_its_successor_changes_nothing(
    trigger: Trigger, seed: int, monkeypatch
) -> None:
    """A consumer that lost its partitions without knowing writes the same batches, late, while timers fire."""
    monkeypatch.setattr(timers, "BATCH", 5)
    rng = random.Random(seed)
    events = made_up(rng)
    batches = [events[n : n + 10] for n in range(0, len(events), 10)]
    for number, batch in enumerate(batches):
        zombie = batches[max(0, number - rng.choice([0, 1, 2]))]
        work = [trigger.receive(*batch), trigger.receive(*zombie), trigger.timers.fire(), trigger.timers.fire()]
        rng.shuffle(work)
        await asyncio.gather(*work)
    await agrees_with_backtest(trigger, events)


def while_open(events: list[CartEvent]) -> Iterator[CartEvent]:
    """Without what is told of a cart after its end: no cart service does, the real path drops it, and a backtest of
    millions of carts remembers none that is over.
    """
    closed = set[UUID]()
    for event in events:
        if event.cart_id not in closed:
            yield event
        if event.closes:
            closed.add(event.cart_id)


async def agrees_with_backtest(trigger: Trigger, events: list[CartEvent]) -> None:
    """Reads and fires to the end, then holds what was asked for against the backtest."""
    until = events[-1].occurred_at + timedelta(hours=3)
    await trigger.read_until(until + timedelta(microseconds=1))
    while await trigger.timers.fire():
        continue
    expected = sorted(
        (d.due_at, d.reminder_id)
        for d in decisions(while_open(events), campaigns(PATIENT), until)
        if d.outcome == "would_send"
    )
    assert sorted((r.due_at, r.reminder_id) for r in await trigger.requested()) == expected
    assert len(expected) > 20
