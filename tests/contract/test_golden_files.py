"""Every event ever published can be read, and today's are written as the golden files say."""

import json
from dataclasses import replace

import pytest

from libs.contracts.codec import Record, encode
from libs.contracts.events import EVENTS, Event
from tests.contract import golden, sample_fields
from tests.contract.samples import FULL, SAMPLES

NAMES = golden.names()
ADDED_HEADERS = {"ce_subject"}
"""Older records lack them."""
CURRENT = (
    [name for name in NAMES if f".v{SAMPLES[name].written_version()}-" in name] if set(NAMES) <= set(SAMPLES) else []
)


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_record_is_read_as_its_event(name: str) -> None:
    assert golden.decoded(golden.read(name)) == SAMPLES[name]


@pytest.mark.parametrize("name", CURRENT)
def test_an_event_is_written_byte_for_byte_as_its_golden_record(name: str) -> None:
    written, reviewed = encode(SAMPLES[name], golden.SOURCE), golden.read(name)
    lacking = ADDED_HEADERS - set(reviewed.headers)
    assert replace(written, headers={h: v for h, v in written.headers.items() if h not in lacking}) == reviewed


@pytest.mark.parametrize("name", [n for n in NAMES if golden.read(n).value is not None])
def test_fields_from_the_future_are_ignored(name: str) -> None:
    record = golden.read(name)
    value = json.loads(record.value or b"") | {"added_in_2031": {"a": [1, None]}}
    later = Record(record.topic, record.key, golden.compact(value), record.headers | {"ce_novel": "x"})
    assert golden.decoded(later) == SAMPLES[name]


@pytest.mark.parametrize("name", [n for n in NAMES if {"kind", "channel"} <= set(type(SAMPLES[n]).model_fields)])
def test_a_kind_and_a_channel_from_the_future_are_read(name: str) -> None:
    record = golden.read(name)
    novel = {"kind": "price_drop", "channel": "whatsapp"}
    later = Record(record.topic, record.key, golden.compact(json.loads(record.value or b"") | novel), record.headers)
    assert golden.decoded(later) == SAMPLES[name].model_copy(update=novel)


@pytest.mark.parametrize("name", NAMES)
def test_headers_carry_cloudevents_attributes(name: str) -> None:
    record, event = golden.read(name), SAMPLES[name]
    assert record.headers["ce_specversion"] == "1.0"
    assert record.headers["ce_id"] == str(event.event_id)
    assert record.headers["ce_type"] == event.type
    assert record.headers["ce_source"].startswith("/")
    assert record.headers["ce_time"] == event.occurred_at.isoformat()


@pytest.mark.parametrize("kind", EVENTS, ids=lambda k: k.type)
def test_every_event_has_a_golden_file_with_all_headers_of_today(kind: type[Event]) -> None:
    today = set(encode(FULL[kind], golden.SOURCE).headers)
    assert today in [set(golden.read(name).headers) for name in CURRENT if type(SAMPLES[name]) is kind]


@pytest.mark.parametrize("event", FULL.values(), ids=lambda e: e.type)
def test_the_subject_is_what_the_event_is_about(event: Event) -> None:
    about = {
        "cart": str(sample_fields.CART),
        "checkout": str(sample_fields.CART),
        "order": "o-1001",
        "inventory": "lantern:LAMP-1",
        "price": "lantern:RUG-9",
        "customer": "lantern:c-42",
        "reminder": "c-42",
        "message": "c-42",
        "store": "lantern",
        "campaign": "lantern",
        "horizon": "cart.horizon",
        "watch": str(sample_fields.WATCH),
        "product": "lantern:c-42",
        "subscription": "c-42",
    }
    noun = event.type.split(".")[0]
    expected = str(sample_fields.ERASURE) if hasattr(event, "erasure_id") else about[noun]
    assert encode(event, golden.SOURCE).headers["ce_subject"] == expected


def test_every_sample_has_its_golden_file() -> None:
    assert sorted(SAMPLES) == NAMES


def test_no_golden_file_was_changed_or_deleted() -> None:
    assert golden.manifest() == {f"{name}.json": golden.digest(golden.path_of(name)) for name in NAMES}


@pytest.mark.parametrize("kind", EVENTS, ids=lambda k: k.type)
def test_every_event_has_golden_files_of_its_version(kind: type[Event]) -> None:
    newest = f"{kind.type}.v{kind.version}-"
    assert {f"{newest}full", f"{newest}minimal"} <= set(CURRENT)


@pytest.mark.parametrize("kind", [k for k in EVENTS if "cart_id" in k.model_fields and k.version == 2], ids=str)
def test_what_is_about_a_cart_is_written_so_that_older_releases_read_it(kind: type[Event]) -> None:
    """Story: an older notifier goes on with carts, and passes over what is about none instead of burying it."""
    event = FULL[kind]
    assert encode(event, golden.SOURCE).headers["ce_dataversion"] == "1"
    about_none = event.model_copy(update={"cart_id": None})
    assert encode(about_none, golden.SOURCE).headers["ce_dataversion"] == "2"


@pytest.mark.parametrize("kind", EVENTS, ids=lambda k: k.type)
def test_every_field_of_an_event_stands_in_one_of_its_golden_files(kind: type[Event]) -> None:
    event = FULL[kind]
    unset = {n for n, f in kind.model_fields.items() if not f.is_required() and getattr(event, n) == f.get_default()}
    assert not unset, "give the sample a value that is not the default"
    if not event.tombstone:
        written = (golden.read(name).value for name in CURRENT if type(SAMPLES[name]) is kind)
        assert set().union(*(json.loads(v or b"{}") for v in written)) == set(kind.model_fields)


def test_types_are_unique() -> None:
    assert len({kind.type for kind in EVENTS}) == len(EVENTS) == len(FULL)
