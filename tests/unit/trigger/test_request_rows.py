"""What asks for a reminder is written without the event's checks, and is the event all the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import decode
from libs.contracts.events import LowItem
from libs.outbox.store import rows
from services.trigger.domain.decision import NAMESPACE, Decision, episode_reminder_id
from services.trigger.handlers.request_reminders import SOURCE, reminder_requested, request_rows
from tests.unit.trigger.making import T0, cart_id

SENT = Decision(
    reminder_id=UUID(int=7),
    store_id="shop",
    customer_id='anna "ä" \\ \n',
    campaign="cart",
    kind="abandoned_cart",
    step=2,
    channel="email",
    template="nudge",
    cart_id=cart_id("a"),
    cart_version=3,
    due_at=T0,
    expires_at=T0 + timedelta(hours=6, microseconds=5),
    variant=None,
    coupon=None,
    outcome="would_send",
    reason="idle",
)
FULL = replace(
    SENT,
    variant="bold",
    coupon="BACK10",
    sku="żółw",
    threshold=5,
    also_low=(LowItem(sku="tea", threshold=3),),
    quiet_since=T0 - timedelta(hours=1),
    exit_on=("order.placed",),
)

_NO_CART: dict[str, Any] = {"cart_id": None, "cart_version": None}
ABOUT_NO_CART = replace(FULL, **_NO_CART)
PRICED = replace(FULL, price=9900, also_low=(LowItem(sku="tea"),))


def test_a_row_is_that_of_the_event_to_the_byte() -> None:
    """But for the event's id, which each has of its own."""
    for decided in (SENT, FULL, replace(FULL, also_low=(), exit_on=()), ABOUT_NO_CART, PRICED):
        written = request_rows([decided], T0)
        event = decode(written.keys[0], _headers(written.headers[0]), written.values[0])
        assert event == reminder_requested(decided, T0).model_copy(update={"event_id": event.event_id})
        assert rows([event], SOURCE) == written


def _headers(text: str) -> dict[str, str]:
    import json

    found: dict[str, str] = json.loads(text)
    return found


def test_no_decisions_are_no_rows() -> None:
    assert request_rows([], T0).topics == []


@given(st.text(), st.uuids(), st.integers(1, 2**60), st.text())
def test_the_id_of_a_reminder_is_the_one_it_always_was(store, cart, version, step) -> None:
    """Every id that was ever given out hangs on it."""
    expected = uuid5(NAMESPACE, f"abandoned_cart|{store}|c|{cart}|{version}|{step}")
    assert episode_reminder_id("abandoned_cart", store, "c", cart, version, step) == expected
