"""`reminder.decided` is written by hand, for every timer pays for it: to the byte as the codec writes it."""

import json
from datetime import UTC, datetime

import pytest

from libs.contracts.codec import decode, encode, stamped
from libs.contracts.events import ReminderDecided
from services.trigger.domain.carts import apply
from services.trigger.domain.decision import Decision
from services.trigger.handlers.tell_decisions import SOURCE, rows_of
from tests.unit.trigger.making import T0, added, after, campaigns, cart_id, wake

NOW = datetime(2026, 3, 1, 13, 0, 0, 250_000, tzinfo=UTC)


def skipped() -> Decision:
    """A decision that asks for nothing, so that the one row tells of it."""
    state = apply(None, added("a", 1, T0))
    (decided,) = wake(state, campaigns(), after(hours=2), after(hours=2)).decisions
    return decided._replace(outcome="skipped", reason="expired")


@pytest.mark.parametrize("customer", ["anna", 'a"b\\c', "Zoë/ü", "\u2028"])
@pytest.mark.parametrize("version", ["7", ""])
def test_it_is_what_the_codec_would_write(customer: str, version: str) -> None:
    decided = skipped()._replace(customer_id=customer, variant="coupon", sku="tea", order_id="o-1")
    rows = rows_of([decided], NOW, lambda _: version)
    event = ReminderDecided(
        event_id=decided.reminder_id,
        occurred_at=NOW,
        reminder_id=decided.reminder_id,
        store_id="shop",
        customer_id=customer,
        campaign="abandoned_cart",
        kind="abandoned_cart",
        campaign_version=version or None,
        step=1,
        step_name="abandoned_cart-email",
        channel="email",
        arm="coupon",
        outcome="skipped",
        reason="expired",
        cart_id=cart_id("a"),
        cart_version=1,
        sku="tea",
        order_id="o-1",
        total=1000,
        currency="EUR",
        due_at=after(hours=1),
        decided_at=NOW,
    )
    record = encode(event, SOURCE)
    assert (rows.topics, rows.keys, rows.values) == ([record.topic], [record.key], [record.value])
    assert json.loads(rows.headers[0]) == record.headers


def test_the_relay_dates_it_and_a_reader_reads_it() -> None:
    rows = rows_of([skipped()], NOW, lambda _: "7")
    moment = after(hours=3)
    headers, value = stamped(json.loads(rows.headers[0]), rows.values[0], moment)
    event = decode(rows.keys[0], headers, value)
    assert isinstance(event, ReminderDecided)
    assert (event.occurred_at, event.decided_at, event.reason) == (moment, NOW, "expired")
