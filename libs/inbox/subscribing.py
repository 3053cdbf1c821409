"""FastStream with its own acknowledging switched off: offsets are committed by the inbox alone."""

from collections.abc import Iterable

from aiokafka import TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from faststream.kafka import message as kafka

from libs.inbox.records import Record


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
