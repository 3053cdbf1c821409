"""Events that are made, and rows that are written, without another look: the same as with it, to the byte."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic_core import to_json

from libs.contracts.codec import encode, headers_json
from libs.contracts.events import CartDetailsSet, CartEvent, Event, LineAdded
from libs.outbox.store import row
from tests.contract import golden
from tests.contract.samples import SAMPLES

BUILT = [name for name in SAMPLES if isinstance(SAMPLES[name], CartEvent)]


@pytest.mark.parametrize("name", BUILT)
def test_an_event_of_right_fields_is_the_event(name: str) -> None:
    event = SAMPLES[name]
    made = type(event).of_right(**{field: getattr(event, field) for field in type(event).model_fields})
    assert made == event
    assert made.model_dump_json() == event.model_dump_json()


def test_what_is_left_out_stands_as_it_does_in_the_event() -> None:
    given = {"event_id": (one := SAMPLES[BUILT[0]]).event_id, "occurred_at": one.occurred_at}
    fields = given | {"cart_id": one.event_id, "store_id": "shop", "cart_version": 1}
    assert CartDetailsSet.of_right(**fields, holds={}) == CartDetailsSet.model_validate(fields)


def test_an_event_lacks_no_field_and_has_none_too_many() -> None:
    event = next(one for one in SAMPLES.values() if isinstance(one, LineAdded))
    fields = {name: getattr(event, name) for name in LineAdded.model_fields}
    for missing in ("event_id", "sku", "holds"):
        with pytest.raises(TypeError):
            LineAdded.of_right(**{name: value for name, value in fields.items() if name != missing})
    with pytest.raises(TypeError):
        LineAdded.of_right(**fields, colour="red")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_headers_of_a_row_are_those_of_its_record(name: str) -> None:
    event = SAMPLES[name]
    record = encode(event, golden.SOURCE)
    assert headers_json(event, golden.SOURCE) == to_json(record.headers).decode()
    assert row(event, golden.SOURCE) == (record.topic, record.key, record.value, to_json(record.headers).decode())


class _Odd(CartDetailsSet):
    """About something whose name no JSON holds as it is."""

    def subject(self) -> str:
        return 'a "quoted" \\ ☕ name\n'


@pytest.mark.parametrize("at", [datetime(2026, 12, 1, 9, 30, 0, 5, UTC), datetime.now(timezone(timedelta(hours=5)))])
def test_headers_hold_whatever_a_subject_and_a_time_say(at: datetime) -> None:
    one: Event = SAMPLES[BUILT[0]]
    event = _Odd(event_id=one.event_id, occurred_at=at, cart_id=one.event_id, store_id="shop", cart_version=1)
    for source in ("/evercart/cart", '/a "shop"'):
        assert headers_json(event, source) == to_json(encode(event, source).headers).decode()
