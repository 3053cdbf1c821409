"""Nothing is sent on the strength of a consent that may have been withdrawn in a record that nobody has read."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest

from libs.contracts.events import Event
from libs.inbox.consumer import Inbox
from services.notifier.db import profiles_read
from services.notifier.jobs.profiles_read import ProfilesRead
from tests.integration.notifier.conftest import World, low_stock


class Partitions:
    """An inbox whose partitions have been read to their ends, or not."""

    def __init__(self) -> None:
        self.at_end = dict.fromkeys(range(profiles_read.PARTITIONS), True)
        self.asked = 0

    async def read_to_end(self, topic: str) -> dict[int, bool]:
        assert topic == "customer.profiles"
        self.asked += 1
        return self.at_end


@pytest.fixture
async def behind(world: World) -> World:
    await world.pool.execute("DELETE FROM profiles_read")
    return world


@pytest.fixture
def reading(behind: World) -> Callable[[Partitions], ProfilesRead]:
    return lambda partitions: ProfilesRead(behind.pool, cast("Inbox[Event]", partitions), 1)


async def test_a_reminder_waits_until_every_partition_of_the_profiles_was_read(behind: World, reading):
    await behind.knows()
    request = await behind.asks()
    partitions = Partitions()
    partitions.at_end[3] = False
    await reading(partitions).note()
    assert await behind.deliver() == 0
    await behind.knows(version=2, email_consent=False)
    partitions.at_end[3] = True
    await reading(partitions).note()
    assert await behind.deliver() == 1
    assert await behind.ended(request) == ("cancelled", "no_consent")


async def test_what_came_in_after_the_reading_waits_for_the_next(behind: World, reading):
    await behind.knows()
    first = await behind.asks()
    await reading(Partitions()).note()
    second = await behind.asks(**low_stock(channel="email"))
    assert await behind.deliver() == 1
    assert (await behind.ended(first))[0] == "sent"
    assert (await behind.ended(second))[0] == "pending"
    await reading(Partitions()).note()
    assert await behind.deliver() == 1


async def test_nobody_is_asked_while_nothing_waits(behind: World, reading):
    partitions = Partitions()
    reader = reading(partitions)
    for _ in range(3):
        await reader.note()
    assert partitions.asked == 1, "once at the start, so that the first message finds the places known"
    await behind.knows()
    await behind.asks()
    for _ in range(3):
        await reader.note()
    assert partitions.asked == 2


async def test_a_later_reading_is_never_taken_back(behind: World):
    await behind.has_read(behind.now)
    await behind.has_read(behind.now - timedelta(hours=1))
    assert await behind.pool.fetchval("SELECT min(read_until) FROM profiles_read") == behind.now
