"""`orders.feed` is written by others: what can't be read is told by field and rule, and never by value."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from libs.contracts.codec import UnreadableError
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.feeds.records import Happened, Placed, read_order_record

SECRET = "Zoë-Secret-4711"
PLACED = {"type": "placed", "store_id": "shop", "order_id": "o-1", "occurred_at": "2026-03-14T15:09:26Z"}
FULL = PLACED | {
    "customer_id": "anna",
    "cart_token": "g1_x",
    "currency": "EUR",
    "total": 2500,
    "partial": True,
    "lines": [{"sku": "tea", "quantity": 2, "price": 1250}],
}
SHIPPED = PLACED | {"type": "shipped", "sequence": 3, "lines": [{"sku": "tea", "quantity": 1}]}


def record(fields: dict[str, Any], **changed: Any) -> bytes:
    return json.dumps({k: v for k, v in (fields | changed).items() if v is not ...}).encode()


def test_a_record_says_what_the_api_would_have_been_told() -> None:
    read = read_order_record(record(FULL))
    assert isinstance(read, Placed)
    fields = {name: value for name, value in FULL.items() if name not in ("type", "store_id", "occurred_at")}
    told = PlaceOrder.model_validate_json(json.dumps(fields | {"placed_at": FULL["occurred_at"]}))
    assert read.order() == told
    assert read.order().model_dump_json() == told.model_dump_json()


def test_every_example_of_the_documentation_can_be_read() -> None:
    text = (Path(__file__).parents[2] / "services/cart/feeds/README.md").read_text(encoding="utf-8")
    examples = text.split("## orders.feed")[1].split("```json\n")[1].split("```")[0]
    records = re.split(r"\n(?=\{)", examples.strip())
    assert [read_order_record(one.encode()).type for one in records] == ["placed", "shipped", "returned"]


def test_an_update_says_what_happened_when_and_to_what() -> None:
    read = read_order_record(record(SHIPPED))
    assert isinstance(read, Happened)
    assert (read.type, read.sequence, read.units()) == ("shipped", 3, {"tea": 1})


@pytest.mark.parametrize("fields", [FULL, SHIPPED])
def test_fields_that_others_add_are_passed_over(fields: dict[str, Any]) -> None:
    lines = [line | {"gift": True} for line in fields["lines"]]
    assert read_order_record(record(fields, lines=lines, colour="blue")) == read_order_record(record(fields))


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\x00", b"\xff\xfe{}", b"{", b"[]", b"null", b"17", b'{"a": "\\ud800"}', b"[" * 100_000, b"{}"],
    ids=lambda v: repr(v)[:20],
)
def test_a_value_that_is_no_record_is_unreadable(value: bytes | None) -> None:
    with pytest.raises(UnreadableError):
        read_order_record(value)


@pytest.mark.parametrize("fields", [FULL, SHIPPED], ids=["placed", "shipped"])
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("type", SECRET),
        ("type", ...),
        ("type", ["placed"]),
        ("store_id", ...),
        ("store_id", 7),
        ("order_id", ...),
        ("order_id", ""),
        ("order_id", SECRET * 20),
        ("order_id", "a\u0000b"),
        ("occurred_at", ...),
        ("occurred_at", SECRET),
        ("occurred_at", "2026-03-14T15:09:26"),
        ("occurred_at", 1e300),
        ("lines", {"a": SECRET}),
        ("lines", [{"sku": SECRET, "quantity": 0}]),
        ("lines", [{"sku": SECRET, "quantity": 1.5}]),
        ("lines", [{"quantity": 1}]),
        ("lines", [{"sku": "x", "quantity": 1}] * 501),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_and_its_value_is_not(
    fields: dict[str, Any], field: str, wrong: Any
) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_order_record(record(fields, **{field: wrong}))
    assert field in str(caught.value)
    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("customer_id", 7),
        ("cart_id", SECRET),
        ("cart_version", 0),
        ("currency", "euro"),
        ("total", -1),
        ("total", "5"),
        ("cart_token", SECRET * 40),
    ],
)
def test_an_order_is_held_to_the_rules_of_the_api(field: str, wrong: Any) -> None:
    with pytest.raises(UnreadableError, match=field):
        read_order_record(record(FULL, **{field: wrong}))
