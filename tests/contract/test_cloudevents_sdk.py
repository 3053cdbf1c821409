"""The CloudEvents SDK, which knows nothing of us, reads our records as what we said."""

import json
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event

from libs.contracts.codec import Record, decode, encode
from libs.contracts.events import Event
from tests.contract import golden
from tests.contract.samples import FULL

SOURCE = "/evercart/cart"


def message(record: Record) -> KafkaMessage:
    """A record as it comes from Kafka; of a null value the SDK knows as of an empty one."""
    headers = {name: value.encode() for name, value in record.headers.items()}
    return KafkaMessage(headers, record.key.encode(), record.value or b"")


def read(record: Record) -> BaseCloudEvent:
    """What the SDK makes of a record."""
    return from_binary_event(message(record))


@pytest.mark.parametrize("event", FULL.values(), ids=lambda e: e.type)
def test_the_sdk_reads_a_record_as_the_event_that_was_written(event: Event) -> None:
    found = read(encode(event, SOURCE))
    assert found.get_specversion() == "1.0"
    assert found.get_id() == str(event.event_id)
    assert found.get_type() == event.type
    assert found.get_source() == SOURCE
    assert found.get_subject() == event.subject()
    assert found.get_time() == event.occurred_at
    assert found.get_datacontenttype() == "application/json"
    assert found.get_extension("dataversion") == str(event.written_version())
    assert found.get_extension("partitionkey") == event.key()
    expected: Any = None if event.tombstone else event.model_dump(mode="json", exclude_none=True)
    assert found.get_data() == expected


@pytest.mark.parametrize("name", golden.names())
def test_the_sdk_reads_every_record_ever_published(name: str) -> None:
    record = golden.read(name)
    found = read(record)
    assert found.get_subject() == record.headers.get("ce_subject")
    assert found.get_time() == datetime.fromisoformat(record.headers["ce_time"])
    assert found.get_data() == (json.loads(record.value) if record.value else None)


@pytest.mark.parametrize("event", [e for e in FULL.values() if not e.tombstone], ids=lambda e: e.type)
def test_what_the_sdk_writes_is_read_here_as_the_same_event(event: Event) -> None:
    forwarded = to_binary_event(read(encode(event, SOURCE)))
    headers: dict[str, str | None] = {name: value.decode() for name, value in forwarded.headers.items()}
    assert forwarded.key == event.key()
    assert decode(event.key(), headers, forwarded.value) == event
