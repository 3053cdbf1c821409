"""Events on the wire: CloudEvents 1.0 attributes in `ce_*` headers (Kafka binding, binary mode), JSON data as value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from libs.contracts.events import EVENTS, Event, MessageEvent, ReminderRequested

SPEC_VERSION = "1.0"

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_OCCURRED = re.compile(rb'^(\{"event_id":"[^"]*","occurred_at":")[^"]*')
_NEVER = datetime.min.replace(tzinfo=UTC)
_VERSION = re.compile(r"[1-9][0-9]{0,3}")

_BY_TYPE: dict[str, type[Event]] = {e.type: e for e in EVENTS}


def _as_it_is(data: dict[str, Any]) -> dict[str, Any]:
    """What says more in a newer version says the same as before where it is of the older one."""
    return data


UPCASTERS: dict[tuple[str, int], Upcaster] = {
    (e.type, 1): _as_it_is for e in EVENTS if issubclass(e, ReminderRequested | MessageEvent)
}
"""(type, version) → a function that turns data of that version into data of the next one."""


class UnreadableError(ValueError):
    """A record that is not a valid event. The message names fields and rules, never values."""


class UnknownTypeError(UnreadableError):
    """A well-formed record of a type that this reader does not know, for instance one from the future."""


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record: `topic` without prefix, CloudEvents `headers`, JSON `value` or None for a tombstone."""

    topic: str
    key: str
    value: bytes | None = field(repr=False)
    headers: dict[str, str]


def encode(event: Event, source: str) -> Record:
    """The record of an event; `source` is the CloudEvents source, for instance `/evercart/cart`.

    Older records have no `ce_subject`: readers of ours go by the key and the data.
    """
    version = event.written_version()
    headers = headers_of(type(event), event.event_id, source, event.subject(), event.occurred_at, version)
    return Record(event.topic, event.key(), value_of(event), headers)


def value_of(event: Event) -> bytes | None:
    """The data of an event as JSON; None of a tombstone."""
    return None if event.tombstone else event.__pydantic_serializer__.to_json(event, exclude_none=True)


def headers_of(
    kind: type[Event], event_id: object, source: str, subject: str, at: datetime, version: int
) -> dict[str, str]:
    """The CloudEvents attributes of an event of a kind, also for whoever writes its data without making the event."""
    return {
        "ce_specversion": SPEC_VERSION,
        "ce_id": str(event_id),
        "ce_type": kind.type,
        "ce_source": source,
        "ce_subject": subject,
        "ce_time": at.isoformat(),
        "ce_dataversion": str(version),
        "content-type": "application/json",
    }


def headers_json(event: Event, source: str) -> str:
    """The headers of `encode` as the JSON object that an outbox row holds: most of it is the same for all of a kind."""
    before, between, after = _around(type(event), source, event.written_version())
    subject = to_json(event.subject()).decode()
    return f'{before}{event.event_id}{between}{subject},"ce_time":"{event.occurred_at.isoformat()}{after}'


@lru_cache(1_000)
def _around(kind: type[Event], source: str, version: int) -> tuple[str, str, str]:
    """What stands before the id, between it and the subject, and after the time."""
    whole = to_json(headers_of(kind, "\0", source, "\0", _NEVER, version)).decode()
    before, _, rest = whole.partition("\\u0000")
    between, _, rest = rest.partition('"\\u0000"')
    return before, between, rest[len(f',"ce_time":"{_NEVER.isoformat()}') :]


def stamped(headers: Mapping[str, str], value: bytes | None, moment: datetime) -> tuple[dict[str, str], bytes | None]:
    """Headers and value of a record that `encode` has made, saying that it occurred at this moment (aware, UTC).

    Events whose time is a bound, and records of no type of ours, are left as they are.
    """
    kind = _BY_TYPE.get(headers.get("ce_type", ""))
    if kind is None or kind.bound:
        return dict(headers), value
    time = moment.isoformat()
    if value and (said := _OCCURRED.match(value)):
        value = b"".join((said[0][: said.end(1)], time.replace("+00:00", "Z").encode(), value[said.end() :]))
    return {**headers, "ce_time": time}, value


def decode(key: str | None, headers: Mapping[str, str | None], value: bytes | None) -> Event:
    """The event of a record, brought to its newest version.

    Raises `UnknownTypeError` for a type that is not known here and `UnreadableError` for anything else that is wrong.
    """
    name = headers.get("ce_type")
    if not name:
        raise UnreadableError("header ce_type is missing")
    if name not in _BY_TYPE:
        raise UnknownTypeError(f"type {name[:100]!r} is not known")
    kind = _BY_TYPE[name]
    data = _tombstone(kind, key, headers) if kind.tombstone else data_of(value)
    version = _version(headers.get("ce_dataversion"))
    if version > kind.version:
        raise UnknownTypeError(f"{name} version {version} is not known")
    for v in range(version, kind.version):
        data = UPCASTERS[name, v](data)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise UnreadableError(f"{name}: {faults(error)}") from None


def faults(error: ValidationError) -> str:
    """What is wrong with a record: fields and rules, no values."""
    # the field alone: deeper parts of the place are keys of a mapping, and those are values of the record
    return "; ".join(f"{(*e['loc'], '')[0]}: {e['type']}" for e in error.errors())[:1000]


def data_of(value: bytes | None) -> dict[str, Any]:
    """The JSON object that a record's value is. Raises `UnreadableError`."""
    if value is None:
        raise UnreadableError("the value is null")
    try:
        data = from_json(value)
    except ValueError:
        raise UnreadableError("the value is not JSON") from None
    if not isinstance(data, dict):
        raise UnreadableError("the value is not a JSON object")
    return data


def _version(text: str | None) -> int:
    if text is None:
        return 1
    if not _VERSION.fullmatch(text):
        raise UnreadableError("header ce_dataversion is not a version number")
    return int(text)


def _tombstone(kind: type[Event], key: str | None, headers: Mapping[str, str | None]) -> dict[str, Any]:
    try:
        named = kind.of_key(key or "")
    except ValueError:
        raise UnreadableError("the key of a tombstone names nothing") from None
    return {"event_id": headers.get("ce_id"), "occurred_at": headers.get("ce_time"), **named}
