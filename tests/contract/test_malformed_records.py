"""What is not an event is refused by one error, which the dead letters carry and which names no value."""

import json
from typing import Any

import pytest

from libs.contracts import codec
from libs.contracts.codec import UnknownTypeError, UnreadableError, decode
from libs.contracts.events import EVENTS, LevelSet, LineAdded, ProfileErased, ProfileSet
from tests.contract import golden

SECRET = "Zoë-Secret-4711"
LINE_ADDED = golden.read("cart.line_added.v1-full")
PROFILE = golden.read("customer.profile_set.v1-full")
ERASED = golden.read("customer.profile_erased.v1-full")


def with_value(record: codec.Record, **changed: Any) -> bytes:
    value = json.loads(record.value or b"") | changed
    return golden.compact({k: v for k, v in value.items() if v is not ...}) or b""


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\x00",
        b"\xff\xfe{}",
        b"nonsense",
        b"{",
        b'{"sku": "a"',
        b"[]",
        b"null",
        b"17",
        b'"text"',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}",
    ],
    ids=lambda v: repr(v)[:20],
)
@pytest.mark.parametrize("kind", [k for k in EVENTS if not k.tombstone], ids=lambda k: k.type)
def test_a_value_that_is_no_event_is_unreadable(kind, value: bytes | None) -> None:
    with pytest.raises(UnreadableError):
        decode("k", {"ce_type": kind.type, "ce_dataversion": "1"}, value)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("event_id", SECRET),
        ("event_id", ...),
        ("occurred_at", "2026-03-14T15:09:26"),
        ("occurred_at", "yesterday"),
        ("occurred_at", 1e300),
        ("cart_id", 7),
        ("cart_version", 0),
        ("cart_version", -1),
        ("cart_version", 1.5),
        ("cart_version", "9" * 5000),
        ("total", -1),
        ("units", -1),
        ("quantity", -1),
        ("store_id", None),
        ("store_id", ["a"]),
        ("sku", {"a": 1}),
        ("holds", [1]),
        ("holds", {"a": SECRET}),
        ("holds", {SECRET: "a"}),
    ],
)
def test_a_field_that_breaks_its_rule_is_unreadable(field: str, wrong: Any) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(LINE_ADDED.key, LINE_ADDED.headers, with_value(LINE_ADDED, **{field: wrong}))
    assert field in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "version", ["", "0", "-1", "1.0", " 1", "one", "²", "1" * 10, "01", "1\n", "000000001" + "9" * 5000]
)
def test_a_version_that_is_no_number_is_unreadable(version: str) -> None:
    with pytest.raises(UnreadableError):
        decode(LINE_ADDED.key, LINE_ADDED.headers | {"ce_dataversion": version}, LINE_ADDED.value)


@pytest.mark.parametrize("headers", [{}, {"ce_type": None}, {"ce_type": ""}, {"CE_TYPE": "cart.line_added"}])
def test_a_record_without_a_type_is_unreadable_and_not_unknown(headers: dict[str, str | None]) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode("k", headers, LINE_ADDED.value)
    assert not isinstance(caught.value, UnknownTypeError)


@pytest.mark.parametrize(
    "changed",
    [{"ce_type": "cart.gift_wrapped"}, {"ce_dataversion": str(LineAdded.version + 1)}, {"ce_dataversion": "9999"}],
)
def test_a_type_or_version_from_the_future_is_unknown(changed: dict[str, str]) -> None:
    with pytest.raises(UnknownTypeError):
        decode(LINE_ADDED.key, LINE_ADDED.headers | changed, LINE_ADDED.value)


def test_null_headers_and_a_missing_version_do_no_harm() -> None:
    headers: dict[str, str | None] = {"ce_type": "cart.line_added", "ce_id": None, "ce_time": None, "x": None}
    expected = golden.decoded(LINE_ADDED)
    assert decode(None, headers, LINE_ADDED.value) == expected
    assert decode("k", headers | {"ce_dataversion": None}, LINE_ADDED.value) == expected


def test_a_tombstone_erases_the_customer_of_its_key() -> None:
    event = decode("lantern:c:42", ERASED.headers, None)
    assert isinstance(event, ProfileErased)
    assert (event.store_id, event.customer_id, event.key()) == ("lantern", "c:42", "lantern:c:42")


@pytest.mark.parametrize("key", [None, "", ":", "lantern", "lantern:", ":c-42"])
def test_a_tombstone_whose_key_names_nobody_is_unreadable(key: str | None) -> None:
    with pytest.raises(UnreadableError):
        decode(key, ERASED.headers, None)


@pytest.mark.parametrize("missing", ["ce_id", "ce_time"])
def test_a_tombstone_without_id_or_time_is_unreadable(missing: str) -> None:
    with pytest.raises(UnreadableError):
        decode(ERASED.key, ERASED.headers | {missing: None}, None)


def test_a_profile_set_without_a_value_is_unreadable_and_erases_nobody() -> None:
    with pytest.raises(UnreadableError):
        decode(PROFILE.key, PROFILE.headers, None)


@pytest.mark.parametrize("field", ["email", "phone", "name", "locale", "timezone", "email_consent", "profile_version"])
def test_the_refusal_of_a_profile_names_the_field_and_not_what_stood_in_it(field: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(PROFILE.key, PROFILE.headers, with_value(PROFILE, **{field: {"x": SECRET}}))
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert field in told
    assert all(secret not in told for secret in (SECRET, "zoë@example.com", "+12025550143", "Zoë Example"))


def test_an_older_version_is_brought_up_to_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    class LevelSetThree(LevelSet):
        version = 3

    monkeypatch.setitem(codec._BY_TYPE, "inventory.level_set", LevelSetThree)
    monkeypatch.setitem(codec.UPCASTERS, ("inventory.level_set", 1), lambda d: d | {"sku": d["sku"] + "!"})
    monkeypatch.setitem(codec.UPCASTERS, ("inventory.level_set", 2), lambda d: d | {"sku": d["sku"] + "?"})
    first = golden.read("inventory.level_set.v1-full")
    assert golden.decoded(first).model_dump()["sku"] == "LAMP-1!?"


def test_every_version_that_came_before_has_an_upcaster() -> None:
    steps = {(kind.type, version) for kind in EVENTS for version in range(1, kind.version)}
    assert steps == set(codec.UPCASTERS)


def test_a_profile_hides_its_personal_data_in_logs() -> None:
    event = golden.decoded(PROFILE)
    assert isinstance(event, ProfileSet)
    shown = f"{event!r} {event} {PROFILE!r}"
    assert all(secret not in shown for secret in ("zoë@example.com", "+12025550143", "Zoë Example"))
