"""The delivery process is killed again and again, without a word, while it has messages under way."""

import os
from collections import Counter
from functools import partial
from uuid import UUID

import pytest

from libs.contracts.events import ReminderRequested
from services.notifier.domain.reminder import COPIES_MOST
from tests.integration.notifier.conftest import LEASE, World, described, profile, reminder
from tests.integration.notifier.test_crashes import environment
from tests.support.eventually import eventually
from tests.support.forks import Forks, Started

MESSAGES, EVERY = 210, 70
"""So many messages, and a kill each time that so many more have been taken."""
UNDER_WAY = 32
"""What a process may have under way, as it does where nobody says otherwise, and so leave behind."""


@pytest.mark.parametrize("delivery", ["at_most_once", "at_least_once"])
async def test_every_recipient_gets_one_and_what_a_kill_left_open_ends_as_the_store_has_chosen(
    world: World, forks: Forks, delivery: str
) -> None:
    await world.receive(described(delivery=delivery))
    requests = await due(world, MESSAGES)
    kills = 0
    while await world.pool.fetchval("SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"):
        with started(world, forks):
            enough = len(world.relay.kept.contents) + EVERY
            await eventually(partial(took, world, enough))
        kills += 1
        await world.passes(LEASE)
    states = Counter(row["state"] for row in await world.pool.fetch("SELECT state FROM deliveries"))
    copies = Counter(UUID(one["X-Evercart-Reminder"]) for one in world.relay.messages)
    told = Counter(await world.told())
    assert set(copies) <= {one.reminder_id for one in requests}
    assert sum(states.values()) == MESSAGES
    assert kills > MESSAGES // EVERY - 2
    assert told == Counter({f"message.{state}": count for state, count in states.items()})
    if delivery == "at_most_once":
        assert set(copies.values()) == {1}
        assert set(states) <= {"sent", "unknown"}
        assert states["unknown"] <= kills * UNDER_WAY
        sent = await world.pool.fetch("SELECT reminder_id FROM deliveries WHERE state = 'sent'")
        assert {row["reminder_id"] for row in sent} <= set(copies)
    else:
        assert set(states) <= {"sent", "unknown"}
        unclear = await world.pool.fetch("SELECT copies FROM deliveries WHERE state = 'unknown'")
        assert {row["copies"] for row in unclear} <= {COPIES_MOST}, (
            "only what was under way at two kills: repeated once, no more"
        )
        assert len(unclear) <= (kills - 1) * UNDER_WAY
        assert len(copies) >= states["sent"]
        assert max(copies.values()) <= 2
        assert sum(copies.values()) - MESSAGES <= kills * UNDER_WAY


async def due(world: World, messages: int) -> list[ReminderRequested]:
    """Reminders of carts of as many customers, all due."""
    names = [f"customer{n}" for n in range(messages)]
    await world.receive(*(profile(name) for name in names))
    requests = [reminder(world.now, customer_id=name) for name in names]
    for request in requests:
        world.carts.holds(request.cart_id, customer_id=request.customer_id)
    await world.receive(*requests)
    return requests


def started(world: World, forks: Forks) -> Started:
    """The delivery process of a notifier, killed with the block."""
    settings = environment(world) | {"NOTIFIER_LOG_LEVEL": "warning", "NOTIFIER_IN_FLIGHT": str(UNDER_WAY)}
    return forks.run("services.notifier.main", "delivery", env=os.environ | settings)


async def took(world: World, enough: int) -> bool:
    """Whether so many messages have come, or nothing is left to come."""
    if len(world.relay.kept.contents) >= enough:
        return True
    return not await world.pool.fetchval("SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')")
