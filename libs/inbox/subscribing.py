"""FastStream with its own acknowledging switched off: offsets are committed by the inbox alone."""

from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka import message as kafka

from libs.inbox.records import Record
from libs.kafka.polls import LONG_MS, let_polls_wait

BATCH = 500
"""Records of a batch, at most, unless a consumer says otherwise."""
SESSION_MS = 6000
"""The shortest that brokers allow by default: so long the partitions of a process that was killed are nobody's."""


def subscribe(broker: KafkaBroker, topics: Sequence[str], group: str, listener: "Rebalances", most: int) -> Any:  # noqa: ANN401 - FastStream's own
    """A subscriber in batches of up to `most` that acknowledges nothing by itself."""
    return broker.subscriber(
        *topics,
        group_id=group,
        batch=True,
        max_records=most,
        consumer_timeout_ms=LONG_MS,
        auto_offset_reset="earliest",
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=SESSION_MS // 3,
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        listener=listener,
        parser=parse,
        decoder=decode_nothing,
    )


def started(consumer: Any) -> None:  # noqa: ANN401 - aiokafka's own
    """Lets a subscriber's consumer wait for records, and for nothing else.

    FastStream sleeps for as long again after each wait in vain, in which records would lie.
    """
    let_polls_wait(consumer)
    getmany = consumer.getmany

    async def until_some(**asked: Any) -> Any:  # noqa: ANN401 - aiokafka's own
        while not (found := await getmany(**{**asked, "timeout_ms": LONG_MS})):
            continue
        return found

    consumer.getmany = until_some


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka carries no types
    """Forgets how far partitions were handled when they go: another process may carry them on meanwhile."""

    def __init__(self, done: dict[TopicPartition, int]) -> None:
        self._done, self.count = done, 0

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - aiokafka's signature
        """Forgets."""
        self._forget()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - aiokafka's signature
        """Forgets."""
        self._forget()

    def _forget(self) -> None:
        self._done.clear()
        self.count += 1


async def parse(records: tuple[Record, ...]) -> kafka.KafkaMessage:
    """Never raises: FastStream drops a record in silence when its parser does, for instance over a null header."""
    return kafka.KafkaMessage(body=b"", headers={}, raw_message=records, consumer=_NO_CONSUMER)


async def decode_nothing(_: kafka.KafkaMessage) -> None:
    """The inbox decodes, record by record."""


class _NoConsumer:
    async def commit(self) -> None:
        """Commits nothing."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Seeks nothing."""


_NO_CONSUMER = _NoConsumer()
