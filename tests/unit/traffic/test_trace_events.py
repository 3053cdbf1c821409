"""A trace's events, whole or in short, and the levels that it may hold."""

import random
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path

import pytest

from deploy.traffic.trace import Row, rows
from deploy.traffic.trace_events import TraceEvents
from deploy.traffic.trace_file import TrafficError
from libs.contracts.events import (
    CartEvent,
    CartOrdered,
    Event,
    LevelSet,
    LineAdded,
    MessageClicked,
    OrderDelivered,
    OrderEvent,
    OrderPlaced,
    OrderReturned,
    OrderShipped,
    PriceSet,
    ProductViewed,
    WatchCleared,
    WatchSet,
)
from services.trigger.domain.carts import CartState, apply

T0 = datetime(2026, 3, 1, tzinfo=UTC)
HEADER = "ts_utc_iso,user_id,session_id,event,product_id,price,level\n"


def made_up(number: int) -> list[Row]:
    rng = random.Random(5)
    kinds = ["cart", "cart", "cart", "view", "remove", "purchase"]
    return [
        Row(T0 + timedelta(seconds=n), rng.choice("abc"), rng.choice(kinds), rng.choice("xyz"), rng.choice([0, 250]))
        for n in range(number)
    ]


def test_events_in_short_say_of_a_cart_what_whole_ones_do() -> None:
    whole, short = TraceEvents("shop"), TraceEvents("shop", checked=False)
    one: dict[str, CartState] = {}
    other: dict[str, CartState] = {}
    for row in made_up(400):
        events = whole.event(row), short.event(row)
        assert type(events[0]) is type(events[1])
        for event, states in zip(events, (one, other), strict=True):
            if isinstance(event, CartEvent):
                states[str(event.cart_id)] = apply(states.get(str(event.cart_id)), event)
        for a, b in zip_longest(one.values(), other.values()):
            assert a == b
    assert len(one) > 20


def test_what_is_known_of_lines_and_ids_is_forgotten_and_made_anew(monkeypatch) -> None:
    monkeypatch.setattr("deploy.traffic.trace_events._MOST_IDS", 1)
    monkeypatch.setattr("deploy.traffic.trace_events._MOST_SHARED", 1)
    short, whole = TraceEvents("shop"), TraceEvents("shop")
    monkeypatch.undo()
    for row in made_up(100):
        assert short.event(row) == whole.event(row)


def test_levels_of_items_stand_in_a_column_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEADER + "2026-03-01T10:00:00Z,,,level,tea,,12\n2026-03-01T10:00:01Z,,,level,tea,,0\n")
    made = TraceEvents("shop")
    events = [made.event(row) for row in rows(path)]
    assert [(e.sku, e.available, e.level_version) for e in events if isinstance(e, LevelSet)] == [
        ("tea", 12, 1),
        ("tea", 0, 2),
    ]


def told(path: Path, *lines: str) -> list[Event]:
    """What rows tell, with the orders among them."""
    path.write_text(HEADER + "".join(f"2026-03-01T10:00:0{n}Z,{line}\n" for n, line in enumerate(lines)))
    made, events = TraceEvents("shop"), list[Event]()
    for row in rows(path):
        events += [one for one in (made.event(row), made.order) if one is not None]
    return events


def test_prices_of_items_are_rows_of_their_own(tmp_path: Path) -> None:
    events = told(tmp_path / "t.csv", ",,price,tea,2.50,", ",,price,tea,2,", ",,level,tea,,1")
    assert [(type(e), getattr(e, "price_version", None)) for e in events] == [
        (PriceSet, 1),
        (PriceSet, 2),
        (LevelSet, None),
    ]
    assert [e.prices[0].price for e in events if isinstance(e, PriceSet)] == [250, 200]


def test_a_purchase_tells_an_order_and_rows_what_became_of_the_last_one(tmp_path: Path) -> None:
    lines = ["a,,shipped,,,", "a,,cart,tea,2,", "a,,cart,jam,3,", "a,,purchase,tea,2,", "a,,cart,tea,2,"]
    events = told(
        tmp_path / "t.csv", *lines, "a,,shipped,,,", "a,,delivered,,,", "b,,purchase,cup,4,", "a,,returned,,,"
    )
    assert [type(e) for e in events] == [
        *(LineAdded, LineAdded, CartOrdered, OrderPlaced, LineAdded),
        *(OrderShipped, OrderDelivered, OrderPlaced, OrderReturned),
    ]
    first, other = [e for e in events if isinstance(e, OrderPlaced)]
    assert (first.order_id, first.customer_id, first.total, first.skus) == (
        str(first.cart_id),
        "a",
        500,
        ("tea", "jam"),
    )
    assert (other.customer_id, other.cart_id, other.total, other.skus) == ("b", None, 400, ("cup",))
    fates = [e for e in events if isinstance(e, OrderEvent)]
    assert {(e.order_id, e.customer_id) for e in fates} == {(first.order_id, "a")}
    assert [e.status for e in fates] == ["shipped", "delivered", "returned"]


@pytest.mark.parametrize(
    ("header", "row", "fault"),
    [
        (HEADER, ",,price,tea,,", "price: is missing"),
        (HEADER, ",,cancelled,,,", "user_id: is missing"),
        (HEADER.replace(",level", ""), ",,price,tea,1", "event: price is told where a column level follows"),
    ],
)
def test_a_row_that_says_too_little_is_told(tmp_path: Path, header: str, row: str, fault: str) -> None:
    (tmp_path / "t.csv").write_text(f"{header}2026-03-01T10:00:00Z,{row}\n")
    with pytest.raises(TrafficError, match=rf"t\.csv:2: {fault}"):
        list(rows(tmp_path / "t.csv"))


@pytest.mark.parametrize("level", ["", "-1", "many", "1000000001", "1.5"])
def test_a_level_that_is_none_is_told(tmp_path: Path, level: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEADER + f"2026-03-01T10:00:00Z,,,level,tea,,{level}\n")
    with pytest.raises(TrafficError, match=r"t\.csv:2: level: .* is not a number of units"):
        list(rows(path))


def beside(text: str, *, views: bool = False) -> list[Event | None]:
    """What rows of `event,user,product` come to, a minute after each other."""
    made = TraceEvents("shop", checked=False, views=views)
    rows = [line.split(",") for line in text.split()]
    return [made.event(Row(T0 + timedelta(minutes=n), who, kind, sku, 0)) for n, (kind, who, sku) in enumerate(rows)]


def test_somebody_waits_for_a_product_once_until_they_do_not() -> None:
    first, again, other, end, ended, anew = beside("watch,a,x watch,a,x watch,b,x unwatch,a,x unwatch,a,x watch,a,x")
    assert isinstance(first, WatchSet)
    assert (first.store_id, first.customer_id, first.sku, first.set_at, again) == ("shop", "a", "x", T0, None)
    assert isinstance(other, WatchSet)
    assert isinstance(end, WatchCleared)
    assert (end.watch_id, end.reason, end.occurred_at, ended) == (
        first.watch_id,
        "asked",
        T0 + timedelta(minutes=3),
        None,
    )
    assert end.watch_version > first.watch_version
    assert isinstance(anew, WatchSet)
    assert len({first.watch_id, other.watch_id, anew.watch_id}) == 3


def test_a_click_is_on_a_message_of_the_campaign_that_it_names() -> None:
    (click,) = beside("click,a,cart")
    assert isinstance(click, MessageClicked)
    assert (click.customer_id, click.campaign, click.suspected, click.occurred_at) == ("a", "cart", None, T0)


def test_views_are_told_to_whom_they_matter() -> None:
    assert beside("view,a,x") == [None]
    (look,) = beside("view,a,x", views=True)
    assert isinstance(look, ProductViewed)
    assert (look.customer_id, look.skus, look.occurred_at) == ("a", ("x",), T0)


@pytest.mark.parametrize("event", ["watch", "unwatch", "click"])
def test_what_is_watched_or_clicked_on_has_to_be_named(event: str, tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(HEADER.replace(",level", "") + f"2026-03-01T00:00:00Z,a,s,{event},x,\n")
    assert [row.event for row in rows(path)] == [event]
    path.write_text(HEADER.replace(",level", "") + f"2026-03-01T00:00:00Z,a,s,{event},,\n")
    with pytest.raises(TrafficError, match="product_id: is missing"):
        list(rows(path))
