"""What was decided is written by hand, for every timer pays for it, and is the event all the same."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import encode
from libs.contracts.events import CouponFrom, Event, LowItem, ReminderDecided, ReminderRequested
from libs.outbox.store import Rows
from services.trigger.domain.decision import NAMESPACE, Decision, episode_reminder_id
from services.trigger.handlers.tell_decisions import SOURCE, rows_of
from tests.unit.trigger.making import T0

MOMENTS = st.timedeltas(timedelta(0), timedelta(days=9999)).map(lambda since: T0 + since)
TEXTS, NUMBERS = st.text(min_size=1, max_size=8), st.integers(1, 2**53)
MAYBE_TEXT, MAYBE_NUMBER = st.none() | TEXTS, st.none() | NUMBERS
ITEMS = st.builds(LowItem, sku=TEXTS, threshold=MAYBE_NUMBER)
CARTS = st.one_of(st.just((None, None)), st.tuples(st.uuids(), NUMBERS))
DECISIONS = st.builds(
    lambda cart, **said: Decision(cart_id=cart[0], cart_version=cart[1], **said),
    cart=CARTS,
    reminder_id=st.uuids(),
    channels=st.lists(TEXTS, max_size=2).map(tuple),
    outcome=st.sampled_from(["would_send", "skipped"]),
    also_low=st.lists(ITEMS, max_size=2).map(tuple),
    viewed=st.lists(TEXTS, max_size=2).map(tuple),
    exit_on=st.none() | st.lists(TEXTS, max_size=2).map(tuple),
    quiet_since=st.none() | MOMENTS,
    step=st.integers(1, 20),
    coupon_from=st.none() | st.builds(CouponFrom, pool=TEXTS, valid_seconds=MAYBE_NUMBER),
    times_abandoned=st.none() | st.integers(0, 99),
    **dict.fromkeys(("due_at", "expires_at"), MOMENTS),
    **dict.fromkeys(("store_id", "customer_id", "campaign", "kind", "channel", "template", "reason"), TEXTS),
    **dict.fromkeys(("variant", "coupon", "sku", "step_name", "currency", "order_id"), MAYBE_TEXT),
    **dict.fromkeys(("threshold", "price", "total"), MAYBE_NUMBER),
)


def requested(d: Decision, now: datetime, event_id: UUID) -> ReminderRequested:
    """The event that asks for what was decided."""
    return ReminderRequested(
        **_of_both(d, now, event_id),
        template=d.template,
        channels=d.channels if len(d.channels) > 1 else None,
        threshold=d.threshold,
        also_low=d.also_low or None,
        viewed=d.viewed or None,
        price=d.price,
        quiet_since=d.quiet_since,
        exit_on=d.exit_on,
        expires_at=d.expires_at,
        variant=d.variant,
        coupon=d.coupon,
        coupon_from=d.coupon_from,
        times_abandoned=d.times_abandoned,
    )


def told(d: Decision, now: datetime, version: str) -> ReminderDecided:
    """The event that tells of what was decided."""
    return ReminderDecided(
        **_of_both(d, now, d.reminder_id),
        campaign_version=version or None,
        step_name=d.step_name,
        arm=d.variant,
        outcome=d.outcome,
        reason=d.reason,
        total=d.total,
        currency=d.currency,
        decided_at=now,
    )


def _of_both(d: Decision, now: datetime, event_id: UUID) -> dict[str, Any]:
    names = ("reminder_id", "store_id", "customer_id", "campaign", "kind", "step", "channel", "cart_id", "cart_version")
    said = {name: getattr(d, name) for name in (*names, "sku", "order_id", "due_at")}
    return said | {"event_id": event_id, "occurred_at": now}


def compare(written: Rows, decisions: list[Decision], event_of: Callable[[Decision, UUID], Event]) -> None:
    """Values to the byte; headers in whichever order."""
    assert len(written.values) == len(written.headers) == len(written.keys) == len(written.topics) == len(decisions)
    rows = zip(decisions, written.topics, written.keys, written.values, written.headers, strict=True)
    for decided, topic, key, value, text in rows:
        headers = json.loads(text)
        record = encode(event_of(decided, UUID(headers["ce_id"])), SOURCE)
        assert (topic, key, value, headers) == (record.topic, record.key, record.value, record.headers)


def parted(written: Rows, number: int) -> tuple[Rows, Rows]:
    """The first so many rows, and the rest."""
    topics, keys, values, headers = written.topics, written.keys, written.values, written.headers
    return (
        Rows(topics[:number], keys[:number], values[:number], headers[:number]),
        Rows(topics[number:], keys[number:], values[number:], headers[number:]),
    )


@given(st.lists(DECISIONS, max_size=3), MOMENTS, st.sampled_from(["", "7", '"\\ż']))
def test_decisions_are_written_as_the_codec_writes_their_events(decisions, now, version) -> None:
    sent = [d for d in decisions if d.outcome == "would_send"]
    asked, of_all = parted(rows_of(decisions, now, lambda _: version), len(sent))
    compare(asked, sent, lambda d, event_id: requested(d, now, event_id))
    assert len(set(asked.headers)) == len(sent), "each event has an id of its own"
    compare(of_all, decisions, lambda d, _: told(d, now, version))


@given(st.text(), st.uuids(), st.integers(1, 2**60), st.text())
def test_the_id_of_a_reminder_is_the_one_it_always_was(store, cart, version, step) -> None:
    """Every id that was ever given out hangs on it."""
    expected = uuid5(NAMESPACE, f"abandoned_cart|{store}|c|{cart}|{version}|{step}")
    assert episode_reminder_id("abandoned_cart", store, "c", cart, version, step) == expected
