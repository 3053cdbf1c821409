"""A batch under way: what is done with leaves it at the front, so that no fault has it done again."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias

from aiokafka import TopicPartition

from libs.inbox.records import E, Received, Record

Place: TypeAlias = tuple[str, int, int]
"""Topic without prefix, partition, offset."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record goes to the dead letters; `expected` where others may be wrong without our being broken."""

    reason: str
    expected: bool = False


@dataclass(frozen=True, slots=True)
class Item(Generic[E]):
    """A record with what it says, or with why it can't be read, or with neither: nobody here knows its type."""

    record: Record
    received: Received[E] | None = None
    fault: Fault | None = None


@dataclass(slots=True)
class Batch(Generic[E]):
    """What is left of a batch, in order, and the offsets from which a new reader would go on."""

    left: deque[Item[E]]
    done: dict[TopicPartition, int] = field(default_factory=dict)

    def read_by_topic(self) -> Counter[str]:
        """How many of the records could be read, by topic: counted together, for to count each costs a microsecond."""
        return Counter(item.received.topic for item in self.left if item.received is not None)

    def advance(self) -> None:
        """The first of what is left is done with."""
        record = self.left.popleft().record
        self.done[TopicPartition(record.topic, record.partition)] = record.offset + 1


def place_of(one: Received[Any]) -> Place:
    """Where a record stood."""
    return (one.topic, one.partition, one.offset)
