"""Records as they come in, and what a handler makes of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeAlias, TypeVar

from aiokafka import ConsumerRecord

from libs.contracts.codec import decode
from libs.contracts.events import Event

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"


@dataclass(frozen=True, slots=True)
class Wire:
    """A record before anybody has understood it: `topic` without prefix, texts as far as they are UTF-8."""

    topic: str
    key: str | None
    headers: Mapping[str, str | None]
    value: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received(Generic[E_co]):
    """What a record says and where it stood: `timestamp` is when the broker's record was made (aware, UTC)."""

    event: E_co
    topic: str
    partition: int
    offset: int
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Refused(Generic[E_co]):
    """A record that a handler understood and can't accept, and why: it goes to the dead letters."""

    received: Received[E_co]
    reason: str


Read = Callable[[Wire], E]
"""What a record says. Raises `UnreadableError` with a reason without values, `UnknownTypeError` to pass it over."""

Handle = Callable[[Sequence[Received[E]]], Awaitable[Sequence[Refused[E]] | None]]
"""Returns when its transaction has committed, with those of the batch that it refuses."""


def event_of(wire: Wire) -> Event:
    """What a record of our own services says."""
    return decode(wire.key, wire.headers, wire.value)


def wire_of(record: Record, prefix: str) -> Wire:
    """A record of Kafka, its topic without prefix."""
    headers = {name: _text(value) for name, value in record.headers}
    return Wire(record.topic.removeprefix(prefix), _text(record.key), headers, record.value)


def made_at(record: Record) -> datetime:
    """When the record was made, as the broker says."""
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "replace")
