"""Where records go that can't be read or handled: `<topic>.dlq`, with where they came from and why."""

from typing import Any

from aiokafka import ConsumerRecord
from prometheus_client import Counter

from libs.contracts.topics import dlq
from libs.kafka.clients import producer
from libs.kafka.cluster import Servers

DEAD = Counter("evercart_dead_letters_total", "Records moved to a dead-letter topic", ["topic"])

STREAK = 100
"""So many dead letters in a row, with nothing good between them, mean that we are broken and not the records."""


class PoisonFloodError(RuntimeError):
    """Everything fails: the consumer stops rather than drain its topic into the dead letters."""


class DeadLetters:
    """Publishes dead letters and waits for every replica; raises when it can't, so that nothing is committed."""

    def __init__(self, servers: Servers, prefix: str) -> None:
        self._servers, self._prefix = servers, prefix
        self._producer: Any = None
        self._streak = 0

    def handled(self) -> None:
        """A record went well: the streak of dead letters is over."""
        self._streak = 0

    async def publish(self, record: "ConsumerRecord[bytes, bytes]", error: str, *, expected: bool = False) -> None:
        """Moves a record aside. Raises `PoisonFloodError` after `STREAK` in a row.

        Those that are `expected` do not count: others may send us junk all day without our being broken.
        """
        self._streak += not expected
        if self._streak > STREAK:
            raise PoisonFloodError(f"{self._streak} records in a row could not be handled; the last: {error}")
        if self._producer is None:
            started = producer(self._servers)
            await started.start()
            self._producer = started
        name = record.topic.removeprefix(self._prefix)
        origin = {
            "dlq_topic": record.topic,
            "dlq_partition": str(record.partition),
            "dlq_offset": str(record.offset),
            "dlq_error": error[:1000],
        }
        # a compacted topic takes nothing without a key
        key = record.key or f"{record.topic}/{record.partition}/{record.offset}".encode()
        headers = [*record.headers, *((k, v.encode()) for k, v in origin.items())]
        headers = [(k, v if v is not None else b"") for k, v in headers]
        await self._producer.send_and_wait(self._prefix + dlq(name), record.value, key=key, headers=headers)
        DEAD.labels(name).inc()

    async def close(self) -> None:
        """Ends the producer if there ever was one."""
        if self._producer is not None:
            await self._producer.stop()
