"""What a shop's systems may write on `inventory.feed`, and what is put aside with a reason that names no value."""

import json
from typing import Any

import pytest

from libs.contracts.codec import UnreadableError
from services.cart.feeds.inventory import read_inventory_record

SECRET = "Zoë-Secret-4711"
LEVEL = {"store_id": "shop", "sku": "tea", "available": 3}
PRICE = {"store_id": "shop", "sku": "tea", "price": 1250, "currency": "EUR"}


def read(record: Any) -> Any:
    return read_inventory_record(json.dumps(record).encode())


def test_a_record_is_a_level_a_price_or_both():
    both = read(LEVEL | PRICE | {"location": "warsaw", "sequence": 4, "category": "drinks", "threshold": 9})
    level = {"sku": "tea", "available": 3, "location": "warsaw", "sequence": 4, "category": "drinks", "threshold": 9}
    assert both.level().model_dump() == level
    assert both.costs().model_dump() == {"sku": "tea", "price": 1250, "currency": "EUR", "sequence": 4}
    assert read(LEVEL).costs() is None
    assert read(PRICE).level() is None


def test_what_a_record_leaves_out_is_left_as_it_is_and_null_takes_away():
    assert "threshold" not in read(LEVEL).level().model_fields_set
    assert read(LEVEL | {"threshold": None}).level().model_dump()["threshold"] is None


def test_fields_that_others_need_are_passed_over():
    assert read(LEVEL | {"colour": "blue", "note": {"by": SECRET}}) == read(LEVEL)


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\x00", b"\xff\xfe{}", b"nonsense", b"{", b"[]", b"null", b"17", b'{"a": "\\ud800"}', b"[" * 100_000],
    ids=lambda v: repr(v)[:20],
)
def test_what_is_no_json_object_is_unreadable(value: bytes | None):
    with pytest.raises(UnreadableError):
        read_inventory_record(value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"store_id": None},
        {"store_id": ""},
        {"sku": ""},
        {"sku": SECRET * 20},
        {"sku": "a\x00b"},
        {"sku": 7},
        {"available": None},
        {"available": -1},
        {"available": 1.5},
        {"available": "3"},
        {"available": True},
        {"available": 10**10},
        {"location": ""},
        {"location": {"id": SECRET}},
        {"category": ["a"]},
        {"threshold": -1},
        {"sequence": -1},
        {"sequence": "7"},
        {"sequence": 2**63},
        {"price": 5},
        {"currency": "EUR"},
        {"price": -1, "currency": "EUR"},
        {"price": 5, "currency": SECRET},
    ],
    ids=str,
)
def test_a_field_that_breaks_its_rule_is_told_without_what_stood_in_it(wrong: dict[str, Any]):
    with pytest.raises(UnreadableError) as caught:
        read(LEVEL | wrong)
    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"
