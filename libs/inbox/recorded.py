"""A store's own events as Kafka still holds them, in order of time. Reads beside all services: no group, no commits.

Carts and orders are there for as long as their topic keeps them. Of levels, prices and reach the topics keep the newest
for ever, and what was before it only until they are compacted.
"""

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition

from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import Event
from libs.contracts.topics import CART_EVENTS, Topic
from libs.kafka.clients import Consumer, consumer
from libs.kafka.cluster import Servers

_AT_ONCE = 2_000
_WAIT_MS = 1_000


@dataclass(slots=True)
class Recorded:
    """The events of a store on `topics` of a cluster; `since` (aware) is when the first of its carts came to Kafka."""

    servers: Servers
    topic_prefix: str
    store_id: str
    topics: Sequence[Topic]
    since: datetime | None = None
    unreadable: int = 0
    _waiting: dict[TopicPartition, deque[Event]] = field(default_factory=dict)

    async def events(self) -> AsyncGenerator[Event]:
        """What is there now, merged over the partitions by when it occurred; that of a cart, an item or a customer in
        its order.
        """
        reader = consumer(self.servers, group_id=None)
        await reader.start()
        try:
            ends = await self._begin(reader)
            while ends:
                await self._fill(reader, ends)
                while self._ready(ends):
                    yield self._take()
            while any(self._waiting.values()):
                yield self._take()
        finally:
            await reader.stop()

    async def _begin(self, reader: Consumer) -> dict[TopicPartition, int]:
        """Where each partition ends that has anything to read; all are at where reading begins."""
        named = [(self.topic_prefix + topic.name, range(topic.partitions)) for topic in self.topics]
        partitions = [TopicPartition(name, number) for name, numbers in named for number in numbers]
        reader.assign(partitions)
        ends: Mapping[TopicPartition, int] = await reader.end_offsets(partitions)
        begins: Mapping[TopicPartition, int] = await reader.beginning_offsets(partitions)
        if self.since is not None:
            carts = [one for one in partitions if one.topic == self.topic_prefix + CART_EVENTS.name]
            found = await reader.offsets_for_times(dict.fromkeys(carts, int(self.since.timestamp() * 1000)))
            begins = {**begins, **{one: found[one].offset if found[one] else ends[one] for one in carts}}
        for one in partitions:
            reader.seek(one, begins[one])
            self._waiting[one] = deque()
        return {one: ends[one] for one in partitions if begins[one] < ends[one]}

    async def _fill(self, reader: Consumer, ends: dict[TopicPartition, int]) -> None:
        """Reads on where nothing waits; a partition that was read to its end leaves `ends`."""
        hungry = [one for one in ends if not self._waiting[one]]
        found = await reader.getmany(*hungry, timeout_ms=_WAIT_MS, max_records=_AT_ONCE)
        for one, records in found.items():
            self._waiting[one].extend(self._read(records))
        for one in hungry:
            if await reader.position(one) >= ends[one]:
                del ends[one]

    def _read(self, records: Iterable[Any]) -> list[Event]:
        events = []
        for record in records:
            headers = {name: value.decode() for name, value in record.headers}
            try:
                event = decode(record.key.decode() if record.key else None, headers, record.value)
            except UnreadableError:
                self.unreadable += 1
                continue
            if getattr(event, "store_id", None) == self.store_id:
                events.append(event)
        return events

    def _ready(self, ends: Mapping[TopicPartition, int]) -> bool:
        """Whether the earliest of all is known: nothing is missing of a partition that goes on."""
        return any(self._waiting.values()) and all(self._waiting[one] for one in ends)

    def _take(self) -> Event:
        first = min((one for one in self._waiting.values() if one), key=lambda one: one[0].occurred_at)
        return first.popleft()
