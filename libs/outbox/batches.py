"""Rows of the outbox as batches of Kafka's, one a partition: what a record costs asyncio is paid once for all of them.

A record sent on its own takes a future, a look at the metadata and a slow hash, 17 us of CPU; in a batch that is made
here it takes 3 (decisions/batches.md).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from struct import unpack_from
from typing import Any

from pydantic_core import from_json

from libs.contracts.codec import stamped
from libs.kafka.clients import Producer
from libs.postgres.pool import Row

HANDFUL = 1000
"""So many rows are handed over at once: Kafka takes them while the next ones are made."""
YIELD = 100
"""After so many rows others of this process get their turn, such as who writes to Kafka's socket."""
KEYS = 16_384

_TOLD = itemgetter("topic", "key", "value", "headers", "occurred_at")
_SEED, _M, _MASK = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sent:
    """Records on their way to one partition; `outcome` becomes what aiokafka says of the first of them."""

    count: int
    outcome: "asyncio.Future[Any]"


class Batches:
    """One handful on its way to a producer, in the order in which it is added to."""

    def __init__(self, kafka: Producer, sent: list[Sent]) -> None:
        self._kafka, self._sent = kafka, sent
        self._open: dict[tuple[str, int], Any] = {}
        self._partitions: dict[str, int] = {}

    async def add(self, topic: str, key: bytes, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        """Adds a record behind those of its key. Raises `KafkaError` where nobody tells of the topic."""
        if topic not in self._partitions:
            self._partitions[topic] = len(await self._kafka.partitions_for(topic))
        place = topic, partition_of(key, self._partitions[topic])
        batch = self._open.get(place)
        if batch is None:
            batch = self._open[place] = self._kafka.create_batch()
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:  # full
            await self._send(place, batch)
            batch = self._open[place] = self._kafka.create_batch()
            batch.append(timestamp=None, key=key, value=value, headers=headers)

    async def send(self) -> None:
        """Hands over what was added, behind what was handed over before."""
        for place, batch in self._open.items():
            await self._send(place, batch)
        self._open = {}

    async def _send(self, place: tuple[str, int], batch: Any) -> None:  # noqa: ANN401 - aiokafka carries no types
        topic, partition = place
        count = batch.record_count()
        self._sent.append(Sent(count, await self._kafka.send_batch(batch, topic, partition=partition)))


async def hand_over(kafka: Producer, rows: Sequence[Row], prefix: str, sent: list[Sent], *, recorded: bool) -> None:
    """Gives rows to a producer in their order, and tells in `sent` what is on its way, also where it raises.

    Rows say that they occurred when the database says so; `recorded` ones, when their callers do.
    """
    for start in range(0, len(rows), HANDFUL):
        batches = Batches(kafka, sent)
        for number, (topic, key, value, headers, at) in enumerate(map(_TOLD, rows[start : start + HANDFUL]), 1):
            said = from_json(headers)
            if not recorded:
                said, value = stamped(said, value, at)
            told = [(name, text.encode()) for name, text in said.items()]
            await batches.add(prefix + topic, key.encode(), value, told)
            if not number % YIELD:
                await asyncio.sleep(0)
        await batches.send()


@lru_cache(KEYS)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as every client of Kafka reckons it: murmur2. aiokafka's own takes twice as long."""
    length = len(key)
    h = _SEED ^ length
    for k in unpack_from(f"<{length // 4}I", key):
        k = k * _M & _MASK
        h = (h * _M ^ (k ^ k >> 24) * _M) & _MASK
    if rest := length % 4:
        h = (h ^ int.from_bytes(key[-rest:], "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions
