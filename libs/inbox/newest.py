"""The newest record of a topic of one partition, and each that follows: for everybody who asks, in no group."""

from collections.abc import Awaitable, Callable

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from libs.contracts.codec import UnreadableError
from libs.contracts.events import Event
from libs.inbox.consumer import OUTSIDE
from libs.inbox.records import Received, Record, event_of, made_at, wire_of
from libs.kafka.clients import Consumer, consumer
from libs.kafka.cluster import Servers
from libs.kafka.polls import LONG_MS, let_polls_wait
from libs.runtime.keep_running import keep_running

log = structlog.get_logger(__name__)


class Newest:
    """Reads what is there already, if anything is, and then what comes; again from the newest after an outage.

    For what replaces what came before: nothing is acknowledged, and what can't be read is passed over.
    """

    def __init__(
        self, servers: Servers, topic: str, told: Callable[[Received[Event]], Awaitable[object]], topic_prefix: str = ""
    ) -> None:
        self._servers, self._prefix, self._told = servers, topic_prefix, told
        self._place = TopicPartition(topic_prefix + topic, 0)
        self._reading: Consumer = None
        self.looked = True
        """Once it runs: whether what stood there at the start was told, or nothing did, or there is no such topic."""

    async def run(self) -> None:
        """Reads until cancelled; a missing topic and outages are waited out with growing pauses."""
        self.looked = False
        await keep_running(self._read, "newest.unread", OUTSIDE)

    async def at_end(self) -> bool:
        """Whether nothing stands on the topic that was not told. Raises `KafkaError`."""
        if self._reading is None:
            return False
        ends = await self._reading.end_offsets([self._place])
        return self._reading is not None and await self._reading.position(self._place) >= ends[self._place]

    async def _read(self) -> None:
        reading = consumer(self._servers, request_timeout_ms=10_000, consumer_timeout_ms=LONG_MS)
        await reading.start()
        let_polls_wait(reading)
        try:
            if not await self._there(reading):
                self.looked = True
                raise UnknownTopicOrPartitionError
            reading.assign([self._place])
            ends = await reading.end_offsets([self._place])
            first = await reading.beginning_offsets([self._place])
            reading.seek(self._place, max(first[self._place], ends[self._place] - 1))
            self._reading = reading
            self.looked = self.looked or ends[self._place] == first[self._place]
            while True:
                for records in (await reading.getmany(self._place, timeout_ms=LONG_MS)).values():
                    await self._tell(records[-1])
                    self.looked = True
        finally:
            self._reading = None
            await reading.stop()

    async def _there(self, reading: Consumer) -> bool:
        """Whether there is such a topic, as the brokers say; not whether one may read it."""
        return self._place.topic in await reading.topics()

    async def _tell(self, record: Record) -> None:
        wire = wire_of(record, self._prefix)
        try:
            event = event_of(wire)
        except UnreadableError:
            log.warning("newest.unreadable", topic=wire.topic)
            return
        await self._told(Received(event, wire.topic, record.partition, record.offset, made_at(record)))
