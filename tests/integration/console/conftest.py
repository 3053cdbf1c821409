"""A console over a real database, its consumer and its sums driven by hand."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from libs.contracts.events import Event
from libs.inbox.consumer import Received
from libs.postgres.pool import Pool, open_pool
from services.console.consumer import Consumer
from services.console.jobs.sums import SumsJob
from services.console.main import MIGRATIONS

RAW = timedelta(days=40_000)
"""What these tests tell is of a fixed day, and stays known one by one."""


@dataclass
class Console:
    """The parts of one console and what a test does with them."""

    pool: Pool
    consumer: Consumer
    sums: SumsJob
    offsets: Any = field(default_factory=count)

    async def receive(self, *events: Event) -> None:
        """Hands a batch to the consumer as if it had come from Kafka."""
        await self.consumer.handle(self.received(events))

    def received(self, events: Sequence[Event]) -> list[Received[Event]]:
        """The batch that `receive` hands over."""
        return [Received(e, e.topic, 0, next(self.offsets), e.occurred_at) for e in events]

    async def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return [tuple(row.values()) for row in await self.pool.fetch(query, *values)]


@pytest.fixture
def console_dsn(make_database) -> str:
    """A fresh database of the console."""
    return str(make_database(MIGRATIONS))


@pytest.fixture
async def console_pool(console_dsn: str) -> AsyncIterator[Pool]:
    """Connections to it."""
    opened = await open_pool(console_dsn, size=4)
    yield opened
    opened.terminate()


@pytest.fixture
async def console(console_pool: Pool) -> Console:
    """A console without Kafka."""
    return Console(console_pool, Consumer(console_pool), SumsJob(console_pool, RAW, 1))


def now() -> datetime:
    """To the second, so that what is told and what is kept are the same."""
    return datetime.now(UTC).replace(microsecond=0)
