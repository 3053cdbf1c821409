"""Dead letters from the other side: what waits to be looked at, and how it is put back on the topic it came from.

What somebody has dealt with is a position of one consumer group; a single letter can be put back at any time beside it.
Every consumer of the topic gets a letter that was put back, also those that had understood it: they take an event once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from time import monotonic
from types import TracebackType
from typing import Self

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from libs.contracts.topics import FEEDS, LIVE, dlq
from libs.inbox.records import Record, made_at
from libs.kafka.clients import consumer, producer
from libs.kafka.cluster import Servers

GROUP = "dead-letters"
_ORIGIN = "dlq_"
_ORIGINS = ("topic", "partition", "offset", "error")
_WAIT_MS = 1_000
PORTION = 200
"""So many are in hand at a time, and are dealt with before the next: what is cut off goes on where it was."""
UNANSWERED = (KafkaError, TimeoutError)
"""What a cluster that can't be asked raises."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that was put aside. `number` is its offset among the dead letters of its topic (without prefix)."""

    topic: str
    number: int
    put_aside_at: datetime
    why: str
    partition: int
    offset: int
    headers: Mapping[str, bytes]
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)

    @property
    def type(self) -> str:
        """What it says it is; empty where it does not say."""
        return self.headers.get("ce_type", b"").decode("utf-8", "replace")

    @property
    def id(self) -> str:
        """Its event's id; empty where it has none."""
        return self.headers.get("ce_id", b"").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many dead letters of a topic nobody has dealt with, and how many there are in all."""

    topic: str
    waiting: int
    kept: int


def letter_of(record: Record, topic: str, prefix: str) -> DeadLetter:
    """A record of a dead-letter topic as what it once was."""
    told = {name: bytes(value or b"") for name, value in record.headers}
    origin = {name: told.pop(_ORIGIN + name, b"").decode("utf-8", "replace") for name in _ORIGINS}
    place = f"{prefix}{topic}/{origin['partition']}/{origin['offset']}".encode()
    return DeadLetter(
        topic=topic,
        number=record.offset,
        put_aside_at=made_at(record),
        why=origin["error"],
        partition=int(origin["partition"] or -1),
        offset=int(origin["offset"] or -1),
        headers={name: value for name, value in told.items() if not name.startswith(_ORIGIN)},
        key=None if record.key == place else record.key,  # it had none, and a compacted topic wants one
        value=record.value,
    )


class DeadLetterBox:
    """Reads the dead letters of all topics and puts them back; `async with` opens and closes it.

    Raises `KafkaError` where the cluster can't be asked, `KeyError` for a topic that has no dead letters.
    """

    def __init__(self, servers: Servers, prefix: str = "") -> None:
        self._prefix = prefix
        self._consumer = consumer(servers, group_id=prefix + GROUP)
        self._producer = producer(servers)
        self._places = {one.name: TopicPartition(prefix + dlq(one.name), 0) for one in LIVE + FEEDS}

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
        except BaseException:  # also where somebody waits no longer
            await self._close()
            raise
        self._consumer.assign(list(self._places.values()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def counts(self) -> list[Waiting]:
        """All topics that hold dead letters, by name."""
        begins: Mapping[TopicPartition, int] = await self._consumer.beginning_offsets(list(self._places.values()))
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets(list(self._places.values()))
        found = []
        for topic, place in sorted(self._places.items()):
            since = max(await self._consumer.committed(place) or 0, begins[place])
            found.append(Waiting(topic, ends[place] - since, ends[place] - begins[place]))
        return [one for one in found if one.kept]

    async def newest(self, topic: str) -> int:
        """The number that the newest one has; -1 where there never was one."""
        place = self._places[topic]
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets([place])
        return ends[place] - 1

    async def letters(
        self, topic: str, numbers: Iterable[int] | None = None, *, most: int | None = None
    ) -> list[DeadLetter]:
        """Those that wait, of them the first `most`, or those with these numbers, in their order; what is no longer
        kept is left out.
        """
        place = self._places[topic]
        begin = (await self._consumer.beginning_offsets([place]))[place]
        end = (await self._consumer.end_offsets([place]))[place]
        if numbers is None:
            since = max(await self._consumer.committed(place) or 0, begin)
            return await self._read(topic, since, end if most is None else min(end, since + most))
        found = []
        for number in sorted(set(numbers)):
            if begin <= number < end:
                found += [one for one in await self._read(topic, number, number + 1) if one.number == number]
        return found

    async def put_back(self, letters: Iterable[DeadLetter]) -> int:
        """Writes them to where they came from, each to its partition, and waits for every replica; gives how many."""
        await self._producer.start()
        done = 0
        for one in letters:
            await self._producer.send_and_wait(
                self._prefix + one.topic,
                one.value,
                key=one.key,
                partition=one.partition if one.partition >= 0 else None,
                headers=list(one.headers.items()),
            )
            done += 1
        return done

    async def dealt_with(self, topic: str, number: int) -> None:
        """Nothing up to this number waits any longer."""
        await self._consumer.commit({self._places[topic]: number + 1})

    async def _close(self) -> None:
        await self._consumer.stop()
        await self._producer.stop()

    async def _read(self, topic: str, begin: int, end: int) -> list[DeadLetter]:
        place = self._places[topic]
        self._consumer.seek(place, begin)
        found: list[DeadLetter] = []
        while await self._consumer.position(place) < end:
            records = (await self._consumer.getmany(place, timeout_ms=_WAIT_MS)).get(place, [])
            found += [letter_of(record, topic, self._prefix) for record in records if record.offset < end]
        return found


async def put_back_waiting(box: DeadLetterBox, topic: str, through: int | None = None, within: float = inf) -> int:
    """Puts back those of a topic that wait, up to a number, else all that do now; gives how many that were. What is not
    done within so many seconds goes on waiting.
    """
    done, until = 0, monotonic() + within
    last = await box.newest(topic) if through is None else through
    while monotonic() < until:
        letters = [one for one in await box.letters(topic, most=PORTION) if one.number <= last]
        if not letters:
            break
        done += await box.put_back(letters)
        await box.dealt_with(topic, letters[-1].number)
    return done


async def dismiss_waiting(box: DeadLetterBox, topic: str, through: int | None = None) -> int:
    """Takes those of a topic that wait as dealt with, up to a number, else all that do now; gives how many that is."""
    before = await waiting_of(box, topic)
    newest = await box.newest(topic)
    last = newest if through is None else min(through, newest)
    if not before or last <= newest - before:
        return 0
    await box.dealt_with(topic, last)
    return before - (newest - last)


async def waiting_of(box: DeadLetterBox, topic: str) -> int:
    """How many of a topic wait."""
    return {one.topic: one.waiting for one in await box.counts()}.get(topic, 0)
