"""A recorded trace becomes the events of carts."""

import gzip
from pathlib import Path

import pytest

from deploy.traffic.trace import last_moment, minor_units, rows
from deploy.traffic.trace_events import cart_events
from deploy.traffic.trace_file import TrafficError
from libs.contracts.events import CartOrdered, LineAdded, LineRemoved

HEADER = "ts_utc_iso,user_id,session_id,event,product_id,price\n"


def trace(path: Path, *lines: str) -> Path:
    """A trace with these rows, written as `time user event product price`; the day is always the same."""
    text = HEADER
    for line in lines:
        time, user, event, product, *price = line.split()
        text += f"2026-03-01T{time}Z,{user},s1,{event},{product},{''.join(price)}\n"
    path.write_text(text)
    return path


def test_rows_become_the_events_of_one_cart_until_it_is_ordered(tmp_path: Path) -> None:
    path = trace(
        tmp_path / "t.csv",
        "10:00:00 1 cart tea 2.50",
        "10:00:01 1 view cup 9.99",
        "10:00:02 1 cart tea 2.50",
        "10:00:03 1 cart cup 4",
        "10:00:04 1 remove tea",
        "10:00:05 1 purchase cup 4",
        "10:00:06 1 cart pot 7",
    )
    events = list(cart_events(rows(path), "shop"))
    assert [type(e) for e in events] == [LineAdded, LineAdded, LineAdded, LineRemoved, CartOrdered, LineAdded]
    assert [(e.cart_version, e.total, e.holds) for e in events] == [
        (1, 250, {"tea": 1}),
        (2, 500, {"tea": 2}),
        (3, 900, {"tea": 2, "cup": 1}),
        (4, 400, {"cup": 1}),
        (5, 0, {}),
        (1, 700, {"pot": 1}),
    ]
    assert len({e.cart_id for e in events}) == 2


def test_two_spellings_of_a_product_are_one_as_in_the_cart_service(tmp_path: Path) -> None:
    path = trace(tmp_path / "t.csv", "10:00:00 1 cart the\u0301 1", "10:00:01 1 cart th\u00e9\ufeff 1")
    assert [e.holds for e in cart_events(rows(path), "shop")] == [{"th\u00e9": 1}, {"th\u00e9": 2}]


def test_what_changes_nothing_is_no_event(tmp_path: Path) -> None:
    path = trace(
        tmp_path / "t.csv",
        "10:00:00 1 remove tea 1",
        "10:00:00 1 purchase tea 1",
        "10:00:01 2 cart tea 1",
        "10:00:02 2 remove cup 1",
        "10:00:03 2 remove tea 1",
        "10:00:04 2 purchase cup 1",
        "10:00:05 2 cart tea 1",
    )
    events = list(cart_events(rows(path), "shop"))
    assert [(e.cart_version, e.customer_id) for e in events] == [(1, "2"), (2, "2"), (3, "2")]


def test_the_same_trace_gives_the_same_events(tmp_path: Path) -> None:
    path = trace(tmp_path / "t.csv", "10:00:00 1 cart tea 1", "10:00:01 1 purchase tea 1", "10:00:02 1 cart tea 1")
    assert list(cart_events(rows(path), "shop")) == list(cart_events(rows(path), "shop"))


@pytest.mark.parametrize(
    ("text", "minor"), [("", 0), ("2.62", 262), ("0", 0), ("-7.94", 0), ("0.005", 1), ("1e3", 100000), ("327.8", 32780)]
)
def test_prices_are_minor_units_and_dirty_ones_are_nothing(text: str, minor: int) -> None:
    assert minor_units(text) == minor


def test_plain_and_gzip_are_read_alike(tmp_path: Path) -> None:
    path = trace(tmp_path / "t.csv", "10:00:00 1 cart tea 1", "10:00:09 1 view tea 1")
    zipped = tmp_path / "misnamed.csv"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert list(rows(zipped)) == list(rows(path))
    assert last_moment(zipped) == list(rows(path))[-1].at


def test_a_trace_without_rows_has_no_last_moment(tmp_path: Path) -> None:
    assert last_moment(trace(tmp_path / "t.csv")) is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2026-03-01T10:00:00Z,1,s,cart,tea", "5 columns instead of 6"),
        ("2026-03-01T10:00:00Z,1,s,steal,tea,1", "'steal' is not an event"),
        ("2026-03-01T10:00:00,1,s,cart,tea,1", "no time zone"),
        ("yesterday,1,s,cart,tea,1", "yesterday"),
        ("2026-03-01T10:00:00Z,,s,cart,tea,1", "user_id: is missing"),
        ("2026-03-01T10:00:00Z,1,s,cart,\ufeff,1", "product_id: is missing"),
        ("2026-03-01T10:00:00Z,1,s,cart,tea,cheap", "price: 'cheap' is not a price"),
        ("2026-03-01T10:00:00Z,1,s,cart,tea,NaN", "price: 'NaN' is no price"),
        ("2026-03-01T09:59:59Z,1,s,cart,tea,1", "earlier than the row before"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEADER + "2026-03-01T10:00:00Z,1,s,view,tea,\n" + line + "\n")
    with pytest.raises(TrafficError, match="t.csv:3: .*" + told.replace("'", ".")):
        list(rows(path))


def test_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n")
    with pytest.raises(TrafficError, match="first line"):
        list(rows(path))
