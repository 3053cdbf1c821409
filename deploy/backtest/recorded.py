"""A store's own events as Kafka still holds them, in order of time. Reads beside all services: no group, no commits."""

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition

from deploy.backtest.run import Run
from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import CartEvent
from libs.contracts.topics import CART_EVENTS
from libs.kafka.clients import Consumer, consumer
from libs.kafka.cluster import Servers

_AT_ONCE = 2_000
_WAIT_MS = 1_000


@dataclass(slots=True)
class Recorded:
    """The carts' events of a store in a cluster; `since` (aware) is when the first of them came to Kafka."""

    servers: Servers
    topic_prefix: str
    store_id: str
    since: datetime | None = None
    unreadable: int = 0
    _waiting: dict[TopicPartition, deque[CartEvent]] = field(default_factory=dict)

    async def lead_past(self, run: Run) -> None:
        """Leads all that is there now past a run. Raises `KafkaError` where the brokers can't be asked."""
        async with aclosing(self.events()) as events:
            async for event in events:
                run.event(event.occurred_at, event)

    async def events(self) -> AsyncGenerator[CartEvent]:
        """What is there now, merged over the partitions by when it occurred; each cart's in its order."""
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
        topic = self.topic_prefix + CART_EVENTS.name
        partitions = [TopicPartition(topic, number) for number in range(CART_EVENTS.partitions)]
        reader.assign(partitions)
        ends: Mapping[TopicPartition, int] = await reader.end_offsets(partitions)
        begins: Mapping[TopicPartition, int] = await reader.beginning_offsets(partitions)
        if self.since is not None:
            asked = dict.fromkeys(partitions, int(self.since.timestamp() * 1000))
            found = await reader.offsets_for_times(asked)
            begins = {one: found[one].offset if found[one] else ends[one] for one in partitions}
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

    def _read(self, records: Iterable[Any]) -> list[CartEvent]:
        events = []
        for record in records:
            headers = {name: value.decode() for name, value in record.headers}
            try:
                event = decode(record.key.decode() if record.key else None, headers, record.value)
            except UnreadableError:
                self.unreadable += 1
                continue
            if isinstance(event, CartEvent) and event.store_id == self.store_id:
                events.append(event)
        return events

    def _ready(self, ends: Mapping[TopicPartition, int]) -> bool:
        """Whether the earliest of all is known: nothing is missing of a partition that goes on."""
        return any(self._waiting.values()) and all(self._waiting[one] for one in ends)

    def _take(self) -> CartEvent:
        first = min((one for one in self._waiting.values() if one), key=lambda one: one[0].occurred_at)
        return first.popleft()
