"""The proof: every sum is what a count by hand of the raw events gives, whatever happened on the way."""

import random
from collections import Counter
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest

from libs.contracts import events as e
from services.console.domain.rules import Rules
from services.console.handlers.rules import change_rules
from tests.integration.console.by_hand import ByHand, Sums
from tests.integration.console.conftest import Console
from tests.unit.console.making import at, store
from tests.unit.console.traffic import Traffic, rows

ZONE = "America/New_York"
PLACE = "day, campaign, campaign_version, step, channel, arm"
QUERIES = {
    "touches": (
        PLACE,
        "touch_sums",
        ("decided", "held_out", "asked", "waiting", "sent", "delivered", "clicked", "suspected", "complained"),
    ),
    "reasons": (f"{PLACE}, stage, reason", "reason_sums", ("number",)),
    "orders": (f"{PLACE}, currency", "order_sums", ("orders", "gone", "gross", "net", "in_store")),
    "credits": (f"{PLACE}, currency", "credit_sums", ("orders", "net", "in_store")),
    "people": ("day, campaign, arm, spent", "people_sums", ("people", "ordered")),
}


async def counted(console: Console) -> Sums:
    """The sums of all days as `ByHand` names them."""
    await console.sums.round()
    found: Sums = {}
    for name, (key, table, numbers) in QUERIES.items():
        sums: Counter[tuple[Any, ...]] = Counter()
        for row in await console.pool.fetch(f"SELECT {key}, {', '.join(numbers)} FROM {table}"):
            values = list(row.values())
            at_key, of = values[: -len(numbers)], values[-len(numbers) :]
            for number, value in zip(numbers, of, strict=True):
                sums[(*at_key, number) if name != "reasons" else tuple(at_key)] += value or 0
        found[name] = +sums
    return found


@pytest.fixture(scope="module")
def events() -> list[e.Event]:
    """Six weeks of a small shop."""
    return Traffic().events(rows(120, 42))


async def take_in(console: Console, events: list[e.Event], size: int = 400) -> None:
    for first in range(0, len(events), size):
        await console.receive(*events[first : first + size])


async def test_every_sum_is_what_a_count_by_hand_gives(console: Console, events: list[e.Event]) -> None:
    await console.receive(store(time_zone=ZONE))
    await take_in(console, events)
    sums = await counted(console)
    assert sums == ByHand(events, ZONE).sums()
    assert all(sum(of.values()) > 50 for of in sums.values()), "or it proves little"
    assert {place[1] for place in sums["orders"]} == {"", "cart"}


async def test_duplicates_and_events_that_come_late_change_nothing(console: Console, events: list[e.Event]) -> None:
    untidy = events + random.Random(1).sample(events, len(events) // 3)
    random.Random(2).shuffle(untidy)
    half = len(untidy) // 2
    await take_in(console, untidy[:half])
    await console.sums.round()
    await take_in(console, untidy[half:])
    await console.receive(store(time_zone=ZONE))
    assert await counted(console) == ByHand(events, ZONE).sums()


async def test_another_window_and_rates_recount_what_was_before(console: Console, events: list[e.Event]) -> None:
    await console.receive(store())
    await take_in(console, events)
    before = await counted(console)
    told = {"window_days": 2, "channel_days": {"sms": 9}}
    rates = {"rates": [{"currency": "USD", "since": "2026-01-01", "rate": "0.91"}]}
    await change_rules(console.pool, "shop", Rules.model_validate(told | rates), "reports", at())
    windows = {"sms": 9, "email": 2}
    expected = ByHand(events, "UTC", windows, {"USD": Fraction(91, 100)}, window=2).sums()
    assert await counted(console) == expected != before


async def test_an_erasure_takes_the_customer_out_and_leaves_every_sum(console: Console, events: list[e.Event]) -> None:
    await console.receive(store(time_zone=ZONE))
    await take_in(console, events)
    before = await counted(console)
    clicked = next(one for one in events if isinstance(one, e.MessageClicked))
    who = clicked.customer_id
    carts = {one.cart_id for one in events if isinstance(one, e.CartEvent) and one.customer_id == who}
    last = max(one.occurred_at for one in events) + timedelta(days=1)
    erasure = e.ErasureRequested(
        event_id=uuid4(), occurred_at=last, erasure_id=uuid4(), store_id="shop", customer_ids=(who,), profile_version=9
    )
    await console.receive(erasure)
    for table in ("touches", "orders", "order_events", "carts"):
        assert await console.rows(f"SELECT 1 FROM {table} WHERE customer_id = $1", who) == [], table
        assert await console.rows(f"SELECT 1 FROM {table} WHERE cart_id = ANY ($1::uuid[])", list(carts)) == [], table
    await recount_all(console)
    assert await counted(console) == before
    await take_in(console, events)
    await console.receive(erasure)
    await recount_all(console)
    assert await counted(console) == before, "what comes again from before the erasure brings nothing back"
    assert await console.rows("SELECT 1 FROM touches WHERE customer_id = $1", who) == []


async def recount_all(console: Console) -> None:
    """Every day is made anew out of the rows."""
    for table in ("touch_sums", "reason_sums", "credit_sums", "order_sums", "people_sums"):
        await console.pool.execute(f"INSERT INTO stale_days (store_id, day) SELECT DISTINCT store_id, day FROM {table}")
        await console.pool.execute(f"DELETE FROM {table}")
    await console.pool.execute("UPDATE orders SET credited_to = NULL, in_store = NULL")
