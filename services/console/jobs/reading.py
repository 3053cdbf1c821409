"""Notes each few seconds how far this process has read, as a metric and for Health."""

from collections.abc import Sequence
from datetime import datetime

from libs.contracts.events import Event
from libs.inbox import consumer
from libs.inbox.consumer import Inbox
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.run_every import run_every
from services.console.db import reading
from services.console.db.reading import Place
from services.console.domain.reading import MEASURED_EVERY
from services.console.metrics import READ_LAG, UNREAD


class ReadingJob:
    """Of `topics`, the partitions that `inbox` has; `newest` says when the newest record was made that was handled."""

    def __init__(
        self, pool: Pool, inbox: Inbox[Event], topics: Sequence[str], newest: dict[Place, datetime], clock: Clock
    ) -> None:
        self._pool, self._inbox, self._topics, self._newest, self._clock = pool, inbox, topics, newest, clock

    async def run(self) -> None:
        """Measures until cancelled; while broker or database are away nothing is noted, which says so."""
        passing = (*FAILURES, *consumer.OUTSIDE)
        await run_every(MEASURED_EVERY.total_seconds(), self.round, "reading.unmeasured", passing)

    async def round(self) -> None:
        """One measurement of every topic."""
        left: dict[Place, int] = {}
        for topic in self._topics:
            of_topic = {(topic, one): number for one, number in (await self._inbox.unread(topic)).items()}
            left |= of_topic
            UNREAD.labels(topic).set(sum(of_topic.values()))
            READ_LAG.labels(topic).set(self._behind(of_topic))
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await reading.note(connection, left, self._newest, self._clock())

    def _behind(self, left: dict[Place, int]) -> float:
        """How old the newest event is that was read of the partition that is behind most; 0 where nothing waits."""
        ages = [
            self._clock() - self._newest[place] for place, number in left.items() if number and place in self._newest
        ]
        return max((age.total_seconds() for age in ages), default=0.0)
