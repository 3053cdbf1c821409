"""How far the console has read: measured by each process of its own partitions, told as a metric and as a fault."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from libs.contracts.topics import CART_EVENTS, STORES
from libs.inbox.consumer import Received
from services.console.consumer import Consumer
from services.console.db.reading import readings
from services.console.domain.reading import Reading
from services.console.jobs.reading import ReadingJob
from services.console.metrics import READ_LAG, UNREAD
from tests.integration.console.conftest import Console
from tests.integration.console.pages.conftest import Clock
from tests.unit.console.making import cart, store

TOPIC, OTHER = CART_EVENTS.name, STORES.name


@dataclass
class Partitions:
    """Those that a process has, and what stands in them."""

    left: dict[str, dict[int, int]] = field(default_factory=dict)

    async def unread(self, topic: str) -> dict[int, int]:
        return self.left.get(topic, {})


def job(console: Console, partitions: Partitions, consumer: Consumer, clock: Clock) -> ReadingJob:
    inbox: Any = partitions
    return ReadingJob(console.pool, inbox, (TOPIC, OTHER), consumer.newest, clock)


async def told(console: Console) -> list[Reading]:
    async with console.pool.acquire() as connection:
        return await readings(connection)


def measured() -> tuple[float, float]:
    return UNREAD.labels(TOPIC)._value.get(), READ_LAG.labels(TOPIC)._value.get()


async def test_what_waits_is_added_up_over_processes_and_the_newest_that_was_read_counts(console: Console):
    clock, one, other = Clock(), Consumer(console.pool), Consumer(console.pool)
    old, new = clock.now - timedelta(minutes=15), clock.now - timedelta(minutes=5)
    await one.handle(
        [Received(store(), "p.stores", 3, 0, new), Received(cart("anna", 1, old), f"p.{TOPIC}", 0, 1, old)]
    )
    await other.handle([Received(cart("ben", n, new), TOPIC, 1, n, at) for n, at in ((1, new), (2, old))])
    assert one.newest == {(OTHER, 3): new, (TOPIC, 0): old}
    assert other.newest == {(TOPIC, 1): new}
    await job(console, Partitions({TOPIC: {0: 4}, OTHER: {3: 0}}), one, clock).round()
    assert measured() == (4, 900)
    assert READ_LAG.labels(OTHER)._value.get() == 0, "nothing waits"
    first = clock.now
    clock.passes(seconds=5)
    await job(console, Partitions({TOPIC: {1: 3, 2: 2}}), other, clock).round()
    assert measured() == (5, 305)
    assert await told(console) == [Reading(TOPIC, 9, new, first), Reading(OTHER, 0, new, first)]


async def test_what_was_read_before_a_restart_is_still_known(console: Console):
    clock, before, after = Clock(), Consumer(console.pool), Consumer(console.pool)
    at = clock.now - timedelta(minutes=1)
    await before.handle([Received(store(), OTHER, 0, 0, at)])
    await job(console, Partitions({OTHER: {0: 0}}), before, clock).round()
    clock.passes(seconds=10)
    await job(console, Partitions({OTHER: {0: 6}}), after, clock).round()
    assert await told(console) == [Reading(OTHER, 6, at, clock.now)]
    assert READ_LAG.labels(OTHER)._value.get() == 0, "this process does not know how old it is"


async def test_a_process_without_partitions_notes_nothing(console: Console):
    await job(console, Partitions(), Consumer(console.pool), Clock()).round()
    assert await told(console) == []
    assert measured() == (0, 0)
