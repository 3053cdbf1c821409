"""The edge where events come in: nothing is committed to Kafka before it is committed to the database.

The handler gets a batch and returns when its transaction has committed; only then is offset + 1 committed. A crash in
between delivers the batch again, so a handler drops what it has seen (by version or by id). Faults of the outside
(database, network) are waited out on the spot; a record that can't be read, or fails alone again and again, is a dead
letter. So is what the handler refuses: what others send us can be wrong without our being broken.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic, cast

import stamina
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream.kafka.annotations import KafkaMessage
from prometheus_client import Counter

from libs.contracts.codec import UnknownTypeError, UnreadableError
from libs.inbox.batch import Batch, Fault, Item, Place, place_of
from libs.inbox.dead_letters import DeadLetters
from libs.inbox.records import E, Handle, Read, Received, Record, Refused, event_of, made_at, wire_of
from libs.inbox.subscribing import BATCH, Rebalances, started, subscribe
from libs.kafka.broker import open_broker
from libs.kafka.cluster import Servers
from libs.postgres.errors import OUTAGES, TransactionRollbackError

__all__ = ["OUTSIDE", "Inbox", "Received", "Refused"]

log = structlog.get_logger(__name__)

CONSUMED = Counter("evercart_inbox_records_total", "Records read from Kafka, by what became of them", ["topic", "what"])

TRIES_ALONE = 3
PAUSES_S = (0.1, 0.3, 1.0, 3.0, 10.0)

OUTSIDE = (*OUTAGES, TransactionRollbackError, KafkaError)
"""Faults that are not the record's: they pass, and the record waits."""


class Inbox(Generic[E]):
    """A consumer of topics within a group, batch by batch.

    Records are events of our own services unless `read` says how others put it. A batch has up to `most` of them.
    """

    def __init__(
        self,
        servers: Servers,
        group: str,
        topics: Sequence[str],
        handle: Handle[E],
        *,
        topic_prefix: str = "",
        read: Read[E] | None = None,
        most: int = BATCH,
    ) -> None:
        self._prefix, self._handle = topic_prefix, handle
        self._reads, self._foreign = read or cast("Read[E]", event_of), read is not None
        self._dead = DeadLetters(servers, topic_prefix)
        self._done: dict[TopicPartition, int] = {}
        self._rebalances = Rebalances(self._done)
        self._failed: asyncio.Future[None] | None = None
        self._closing = asyncio.Event()
        self._broker = open_broker(servers, topic_prefix + group)
        names = [topic_prefix + topic for topic in topics]
        self.subscriber = subscribe(self._broker, names, topic_prefix + group, self._rebalances, most)
        self.subscriber(self._on_batch)

    async def run(self) -> None:
        """Consumes until cancelled. Raises `PoisonFloodError` when everything fails."""
        self._failed = asyncio.get_running_loop().create_future()
        try:
            await self._start()
            await self._failed
        finally:
            self._closing.set()
            await self._broker.stop()
            await self._dead.close()

    async def _start(self) -> None:
        starting, first, longest = (KafkaError, OSError, TimeoutError), PAUSES_S[0], PAUSES_S[-1]
        attempts = stamina.retry_context(
            on=starting, attempts=None, timeout=None, wait_initial=first, wait_max=longest, wait_jitter=first
        )
        async for attempt in attempts:
            with attempt:
                try:
                    await self._broker.start()
                    started(self.subscriber.consumer)
                except starting as error:
                    log.warning("inbox.start_retry", error=type(error).__name__, attempt=attempt.num)
                    with suppress(Exception):
                        await self._broker.stop()
                    raise

    async def check(self) -> None:
        """Health check: raises unless the group has given this process its partitions."""
        consumer = self.subscriber.consumer
        if consumer is None or (self._failed is not None and self._failed.done()):
            raise RuntimeError("the consumer is not running")
        if not await self._broker.ping(timeout=2.0):
            raise RuntimeError("the broker does not answer")

    def partitions(self, topic: str) -> frozenset[int]:
        """All partitions of `topic`, whoever owns them; none as long as that is not known."""
        consumer = self.subscriber.consumer
        found = consumer.partitions_for_topic(self._prefix + topic) if consumer is not None else None
        return frozenset(found or ())

    async def read_to_end(self, topic: str) -> dict[int, bool]:
        """For each partition of `topic` owned now: whether everything that stood in it when asked has been handled."""
        return {partition: left <= 0 for partition, left in (await self.unread(topic)).items()}

    async def unread(self, topic: str) -> dict[int, int]:
        """For each partition of `topic` owned now: how many records stood in it when asked that are not handled yet."""
        owned = self._owned(topic)
        ends = await self.subscriber.consumer.end_offsets(owned) if owned else {}
        positions = await self.positions(topic)
        return {tp.partition: ends[tp] - positions[tp.partition] for tp in owned if tp.partition in positions}

    async def positions(self, topic: str) -> dict[int, int]:
        """For each partition of `topic` owned now: below which offset everything has been handled."""
        owned = self._owned(topic)
        await self._learn(self.subscriber.consumer, [tp for tp in owned if tp not in self._done])
        return {tp.partition: self._done[tp] for tp in owned if tp in self._done}

    def _owned(self, topic: str) -> list[TopicPartition]:
        assigned = self.subscriber.consumer.assignment() if self.subscriber.consumer else ()
        return [tp for tp in assigned if tp.topic == self._prefix + topic]

    async def _learn(self, consumer: Any, unknown: Sequence[TopicPartition]) -> None:  # noqa: ANN401 - no types there
        """Where partitions stand of which nothing was handled here yet; all at once, for each answer takes a while."""
        if not unknown:
            return
        before = self._rebalances.count
        committed = await asyncio.gather(*(consumer.committed(tp) for tp in unknown))
        first = await consumer.beginning_offsets(unknown)
        if self._rebalances.count == before:
            for tp, offset in zip(unknown, committed, strict=True):
                self._done.setdefault(tp, first[tp] if offset is None else offset)

    async def _on_batch(self, message: KafkaMessage) -> None:
        records = message.raw_message if isinstance(message.raw_message, tuple) else (message.raw_message,)
        try:
            batch = Batch(deque(self._read(record) for record in records))
            for topic, number in batch.read_by_topic().items():
                CONSUMED.labels(topic, "read").inc(number)
            await self._until_done(batch)
            if not self._closing.is_set():
                await self._commit(batch)
        except Exception as error:  # noqa: BLE001 - FastStream would log it and read on: work would be lost
            if self._failed is not None and not self._failed.done():
                self._failed.set_exception(error)
            await self._closing.wait()

    async def _until_done(self, batch: Batch[E]) -> None:
        attempt = 0
        while batch.left and not self._closing.is_set():
            try:
                await self._process(batch)
            except OUTSIDE as error:
                log.warning("inbox.waiting", error=type(error).__name__, records=len(batch.left), attempt=attempt)
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSES_S[min(attempt, len(PAUSES_S) - 1)]):
                        await self._closing.wait()
                attempt += 1

    async def _process(self, batch: Batch[E]) -> None:
        """All that can be handled at once, then in order what is to be buried, with a commit after each of these."""
        received = [r for item in batch.left if (r := item.received)]
        refused, together = dict[Place, str](), True
        try:
            answer = await self._handle(received) if received else ()
            refused = {place_of(one.received): one.reason for one in answer or ()}
        except OUTSIDE:
            raise
        except Exception:
            together = False
            log.exception("inbox.batch_failed", records=len(received))
        while batch.left:
            fault = await self._fault_of(batch.left[0], refused, together)
            if fault is None:
                batch.advance()
                continue
            await self._dead.publish(batch.left[0].record, fault.reason, expected=fault.expected)
            batch.advance()
            if not self._closing.is_set() and not await self._commit(batch):
                batch.left.clear()  # whoever has the partition now reads the rest

    async def _fault_of(self, item: Item[E], refused: Mapping[Place, str], together: bool) -> Fault | None:
        """Why a record is to be buried, if it is."""
        if item.received is None:
            return item.fault
        if not together:
            fault = await self._alone(item.received)
        else:
            reason = refused.get(place_of(item.received))
            fault = None if reason is None else Fault(reason, expected=True)
        if fault is None:
            self._dead.handled()
        elif fault.expected:
            CONSUMED.labels(item.received.topic, "refused").inc()
        return fault

    async def _alone(self, one: Received[E]) -> Fault | None:
        last: Exception | None = None
        for _ in range(TRIES_ALONE):
            try:
                refused = await self._handle([one]) or ()
            except OUTSIDE:
                raise
            except Exception as error:  # noqa: BLE001 - told once, after the last try
                last = error
            else:
                return Fault(refused[0].reason, expected=True) if refused else None
        log.error("inbox.dead_letter", topic=one.topic, partition=one.partition, offset=one.offset, exc_info=last)
        return Fault(f"the handler raised {type(last).__name__}")

    def _read(self, record: Record) -> Item[E]:
        wire = wire_of(record, self._prefix)
        try:
            event = self._reads(wire)
        except UnknownTypeError:
            CONSUMED.labels(wire.topic, "unknown_type").inc()
            return Item(record)
        except UnreadableError as error:
            CONSUMED.labels(wire.topic, "unreadable").inc()
            log.warning("inbox.unreadable", topic=wire.topic, partition=record.partition, offset=record.offset)
            return Item(record, fault=Fault(str(error), expected=self._foreign))
        return Item(record, Received(event, wire.topic, record.partition, record.offset, made_at(record)))

    async def _commit(self, batch: Batch[E]) -> bool:
        """Tells Kafka how far a batch was done; whether the partitions are still this process's."""
        try:
            await self.subscriber.consumer.commit(dict(batch.done))
        except (CommitFailedError, IllegalStateError) as error:
            # the group has given the partition to somebody else, who reads these records again
            log.warning("inbox.commit_refused", error=type(error).__name__)
            self._done.clear()
            return False
        except KafkaError as error:
            # the work is done and stays done: the next commit covers it, or it is read again and dropped
            log.warning("inbox.commit_failed", error=type(error).__name__)
        self._done.update(batch.done)
        return True
