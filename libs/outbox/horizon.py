"""Tells readers of a topic up to when all that was committed is published, and where each partition ended then.

A claim is made of what the leader's own session has read and Kafka has acknowledged to its own producer, and is sent by
that producer: whoever leads no more is refused (decisions/horizon.md).
"""

import time
from datetime import datetime

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError

from libs.contracts.codec import encode
from libs.contracts.events import HorizonMoved
from libs.kafka.clients import Producer, consumer
from libs.kafka.cluster import Servers
from libs.outbox.mark import Mark
from libs.outbox.store import DRAWN, WRITERS
from libs.postgres.clock import database_now
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7

log = structlog.get_logger(__name__)

MOVING_S = 0.2
"""Between two horizons while anything moves."""
IDLE_S = 1.0
"""Between two where nothing does, and at most where somebody's transaction stays open: then the last one again."""
STILL_S = 30.0
"""So long after the last event a topic is taken to move."""
LOOK_S = 0.02
AGAIN_S = 60.0
"""After so long it is tried again where Kafka would not have it."""
REFUSED = (UnknownTopicOrPartitionError, TopicAuthorizationFailedError)
"""What stops horizons and must not stop events: no such topic yet, or no right to it."""


class Horizon:
    """Of the topic `of` (without prefix), as the event's class says where; `recorded` where callers date events."""

    def __init__(self, servers: Servers, of: str, source: str, *, prefix: str = "", recorded: bool = False) -> None:
        self._servers, self._of, self._source, self._prefix = servers, of, source, prefix
        self._recorded = recorded or None
        self.open()

    def open(self) -> None:
        """For a leader that begins: what an earlier one knew is not known any more."""
        self._mark = Mark()
        self._ends: dict[int, int] = {}
        self._doubts = 0
        self._until: datetime | None = None
        self._due = self._look_at = self._repeat_at = self._off_until = 0.0
        self._moved_at = time.monotonic()

    def acknowledged(self, topic: str, partition: int, offset: int) -> None:
        """A record of ours stands there now."""
        if topic != self._prefix + self._of:
            return
        self._moved_at = time.monotonic()
        self._due = min(self._due, self._moved_at + MOVING_S)
        if offset < 0:  # a repetition, and the broker does not say where the first one stands
            self._ends.pop(partition, None)
            self._doubts += 1
        else:
            self._ends[partition] = max(self._ends.get(partition, 0), offset + 1)

    async def look(self, connection: Connection) -> None:
        """Before the outbox is read: begins a moment, or sees whether all who wrote then have ended."""
        now = time.monotonic()
        if self._mark.unsettled and now >= self._look_at:
            self._mark.looked(*await self._writing(connection))
            self._look_at = now + LOOK_S
        elif not self._mark.pending and now >= self._due:
            at = await database_now(connection)
            self._mark.begin(at, *await self._writing(connection))
            self._due = now + (MOVING_S if now - self._moved_at < STILL_S else IDLE_S)
            self._look_at = now + LOOK_S

    async def _writing(self, connection: Connection) -> tuple[frozenset[str], int]:
        writing = frozenset(row["virtualtransaction"] for row in await connection.fetch(WRITERS))
        return writing, await connection.fetchval(DRAWN)

    def published(self, last: int | None) -> None:
        """All that a read after the last look has shown is acknowledged, up to the id `last`, or all there was."""
        if (at := self._mark.published(last)) is not None:
            self._until, self._repeat_at = at, 0.0

    def pause_s(self, longest: float) -> float:
        """For how long nothing has to be done for it."""
        now = time.monotonic()
        at = self._look_at if self._mark.unsettled else self._due
        return max(0.0, min(longest, at - now))

    @property
    def due(self) -> bool:
        """Whether there is something to tell."""
        return self._until is not None and time.monotonic() >= max(self._repeat_at, self._off_until)

    async def tell(self, kafka: Producer) -> None:
        """Sends what was come to, until it is acknowledged. Raises `KafkaError` as any record of the relay."""
        until, now = self._until, time.monotonic()
        if until is None:
            return
        self._repeat_at = now + IDLE_S
        try:
            await self._know_ends(kafka)
            await kafka.send_and_wait(**self._record(until))
        except REFUSED as error:
            self._off_until = now + AGAIN_S
            log.warning("relay.horizon_refused", error=type(error).__name__, topic=HorizonMoved.topic)

    def _record(self, until: datetime) -> dict[str, object]:
        ends = dict(sorted(self._ends.items()))
        event = HorizonMoved(
            event_id=uuid7(), occurred_at=until, of=self._of, until=until, ends=ends, recorded=self._recorded
        )
        record = encode(event, self._source)
        headers = [(name, text.encode()) for name, text in record.headers.items()]
        return {
            "topic": self._prefix + record.topic,
            "value": record.value,
            "key": record.key.encode(),
            "headers": headers,
        }

    async def _know_ends(self, kafka: Producer) -> None:
        """Where partitions end of which nothing was acknowledged here yet: what others have published stands there."""
        await kafka.partitions_for(self._prefix + HorizonMoved.topic)
        topic = self._prefix + self._of
        unknown = [TopicPartition(topic, p) for p in await kafka.partitions_for(topic) if p not in self._ends]
        if not unknown:
            return
        asking, doubts = consumer(self._servers), self._doubts
        await asking.start()
        try:
            asking.assign(unknown)
            ends = await asking.end_offsets(unknown)
        finally:
            await asking.stop()
        if doubts == self._doubts:
            for place, end in ends.items():  # something may have been acknowledged meanwhile
                self._ends[place.partition] = max(self._ends.get(place.partition, 0), end)
