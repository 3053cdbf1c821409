"""A dead letter as what it once was."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka.structs import ConsumerRecord

from libs.inbox.put_back import letter_of

ORIGIN = [("dlq_topic", b"p.orders.feed"), ("dlq_partition", b"3"), ("dlq_offset", b"41"), ("dlq_error", b"no JSON")]


def record(key: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord("p.orders.feed.dlq", 0, 7, 1_000, 0, key, b"{anna@example.com", -1, 3, 1, tuple(headers))


def test_its_headers_and_its_place_are_what_they_were() -> None:
    one = letter_of(record(b"k", [("ce_type", b"order.placed"), ("ce_id", None), *ORIGIN]), "orders.feed", "p.")
    assert (one.type, one.id, one.why, one.partition, one.offset) == ("order.placed", "", "no JSON", 3, 41)
    assert (one.number, one.key, one.put_aside_at) == (7, b"k", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    assert one.headers == {"ce_type": b"order.placed", "ce_id": b""}


def test_what_had_no_key_has_none_again() -> None:
    assert letter_of(record(b"p.orders.feed/3/41", ORIGIN), "orders.feed", "p.").key is None
    assert letter_of(record(b"p.orders.feed/3/4", ORIGIN), "orders.feed", "p.").key == b"p.orders.feed/3/4"


def test_what_was_put_aside_by_other_hands_says_nothing_of_its_place() -> None:
    one = letter_of(record(None, []), "orders.feed", "p.")
    assert (one.why, one.partition, one.offset, one.key) == ("", -1, -1, None)


def test_its_description_tells_nothing_of_a_person() -> None:
    assert "anna" not in repr(letter_of(record(b"anna@example.com", ORIGIN), "orders.feed", "p."))
