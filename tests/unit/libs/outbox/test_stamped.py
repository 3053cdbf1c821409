"""The moment at which an event occurred is written into its record when it is relayed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from libs.contracts.codec import decode, encode, stamped
from libs.contracts.events import ErasureRequested, Event, LevelSet, ProfileErased
from libs.runtime.ids import uuid7
from tests.contract.samples import SAMPLES

MOMENT = datetime(2026, 3, 14, 15, 9, 26, 535897, UTC)


def as_relayed(event: Event) -> Event:
    record = encode(event, "/test")
    headers, value = stamped(record.headers, record.value, MOMENT)
    assert headers.keys() == record.headers.keys()
    return decode(record.key, headers, value)


@pytest.mark.parametrize("event", SAMPLES.values(), ids=list(SAMPLES))
def test_every_event_says_in_header_and_data_when_it_occurred_by_the_database(event: Event) -> None:
    expected = event if event.bound else event.model_copy(update={"occurred_at": MOMENT})
    assert as_relayed(event) == expected
    record = encode(event, "/test")
    headers, value = stamped(record.headers, record.value, MOMENT)
    assert datetime.fromisoformat(headers["ce_time"]) == expected.occurred_at
    if value is not None:
        assert datetime.fromisoformat(json.loads(value)["occurred_at"]) == expected.occurred_at


def test_the_bound_of_an_erasure_stays_whenever_it_is_told() -> None:
    """An erasure that is asked for again a day later must not reach who has come since."""
    assert [kind.type for kind in {type(event) for event in SAMPLES.values()} if kind.bound] == [ErasureRequested.type]


def test_the_time_is_written_as_it_was() -> None:
    level = LevelSet(
        event_id=uuid7(), occurred_at=MOMENT - timedelta(days=1), store_id="s", sku="mug", available=1, level_version=1
    )
    record, same = encode(level, "/test"), encode(level.model_copy(update={"occurred_at": MOMENT}), "/test")
    assert stamped(record.headers, record.value, MOMENT) == (same.headers, same.value)


def test_a_tombstone_has_its_time_in_the_header_alone() -> None:
    gone = ProfileErased(event_id=uuid7(), occurred_at=MOMENT - timedelta(days=1), store_id="s", customer_id="c")
    record = encode(gone, "/test")
    headers, value = stamped(record.headers, record.value, MOMENT)
    assert (headers["ce_time"], value) == (MOMENT.isoformat(), None)


def test_what_is_not_ours_is_left_as_it_is() -> None:
    foreign = {"ce_type": "somebody.elses", "ce_time": "then"}, b'{"event_id":"1","occurred_at":"then"}'
    assert stamped(*foreign, MOMENT) == foreign
    assert stamped({}, b"x", MOMENT) == ({}, b"x")
