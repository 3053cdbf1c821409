"""All that topics hold, from their beginning, whoever reads beside it: in no group, nothing is acknowledged."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

from aiokafka import TopicPartition

from libs.contracts.codec import UnreadableError
from libs.contracts.events import Event
from libs.inbox.records import Received, Record, event_of, made_at, wire_of
from libs.kafka.clients import consumer
from libs.kafka.cluster import Servers

AT_ONCE = 2_000
_WAIT_MS = 1_000


class FromBeginning:
    """Reads each record once, as far as the topics go whenever it is asked; what can't be read is counted."""

    def __init__(self, servers: Servers, topics: Sequence[str], topic_prefix: str = "") -> None:
        self._prefix = topic_prefix
        self._consumer = consumer(servers, *(topic_prefix + topic for topic in topics), group_id=None)
        self._partitions: list[TopicPartition] = []
        self.unreadable = 0

    async def open(self) -> None:
        """Goes to the beginning of all partitions. Raises `KafkaError`."""
        await self._consumer.start()
        self._partitions = sorted(self._consumer.assignment())
        for one, first in (await self._consumer.beginning_offsets(self._partitions)).items():
            self._consumer.seek(one, first)

    async def close(self) -> None:
        """Whatever became of it."""
        await self._consumer.stop()

    async def begins(self, topic: str, now: datetime) -> dict[int, datetime]:
        """The partitions of a topic that have lost something, with when the first record that they hold was made, or
        `now` where they hold none.
        """
        ours = [one for one in self._partitions if one.topic == self._prefix + topic]
        first: Mapping[TopicPartition, int] = await self._consumer.beginning_offsets(ours)
        lost = [one for one in ours if first[one] > 0]
        found = await self._consumer.offsets_for_times(dict.fromkeys(lost, 0)) if lost else {}
        return {
            one.partition: datetime.fromtimestamp(at.timestamp / 1000, UTC) if at else now for one, at in found.items()
        }

    async def begin(self, topic: str, now: datetime) -> datetime | None:
        """From when on a topic tells everything: since its partitions have lost what was before, or else since its
        first record; None of one that never held any.
        """
        lost = await self.begins(topic, now)
        ours = [one for one in self._partitions if one.topic == self._prefix + topic]
        kept = [one for one in ours if one.partition not in lost]
        found = await self._consumer.offsets_for_times(dict.fromkeys(kept, 0)) if kept else {}
        first = [datetime.fromtimestamp(at.timestamp / 1000, UTC) for at in found.values() if at is not None]
        return max([*lost.values(), *([min(first)] if first else [])], default=None)

    async def left(self) -> int:
        """How many records there are now beyond those that were read."""
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets(self._partitions)
        return sum([ends[one] - await self._consumer.position(one) for one in self._partitions])

    async def batches(self) -> AsyncIterator[list[Received[Event]]]:
        """What there is now and was not read yet, batch by batch."""
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets(self._partitions)
        hungry = list(self._partitions)
        while hungry := [one for one in hungry if await self._consumer.position(one) < ends[one]]:
            found = await self._consumer.getmany(*hungry, timeout_ms=_WAIT_MS, max_records=AT_ONCE)
            if batch := [event for records in found.values() for record in records if (event := self._read(record))]:
                yield batch

    def _read(self, record: Record) -> Received[Event] | None:
        wire = wire_of(record, self._prefix)
        try:
            return Received(event_of(wire), wire.topic, record.partition, record.offset, made_at(record))
        except UnreadableError:
            self.unreadable += 1
            return None
