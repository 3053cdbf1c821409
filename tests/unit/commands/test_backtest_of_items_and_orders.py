"""Stories of somebody who tries campaigns on stock, prices and orders on a trace that tells of them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app

TRACE = (
    "ts_utc_iso,user_id,session_id,event,product_id,price,level\n"
    "2026-03-01T09:00:00Z,,,level,tea,,20\n"
    "2026-03-01T09:00:00Z,,,price,tea,2.50,\n"
    "2026-03-01T10:00:00Z,anna,s,cart,tea,2.50,\n"
    "2026-03-01T10:01:00Z,bob,s,cart,tea,2.50,\n"
    "2026-03-01T10:02:00Z,carl,s,cart,jam,2.50,\n"
    "2026-03-01T22:30:00Z,,,level,tea,,4\n"
    "2026-03-01T23:00:00Z,bob,s,remove,tea,,\n"
    "2026-03-02T12:00:00Z,,,price,tea,1.50,\n"
    "2026-03-02T13:00:00Z,carl,s,purchase,jam,2.50,\n"
    "2026-03-02T23:30:00Z,carl,s,shipped,,,\n"
    "2026-03-09T12:00:00Z,zoe,s,view,tea,,\n"
)
RULES = """\
campaigns:
- {name: low, kind: low_stock, steps: [{name: low, channel: sms, template: t, lateness: 12h}]}
- {name: price, kind: price_drop, steps: [{name: fell, channel: email, template: t}]}
- {name: shipped, kind: order_shipped, steps: [{name: sent, channel: email, template: t}]}
- {name: win, kind: win_back, steps: [{name: back, delay: 3d, channel: email, template: t}]}
"""
OTHER = RULES.replace("low_stock,", "low_stock, threshold: 3,").replace("delay: 3d", "delay: 5d")
STORE = """\
name: Lantern
time_zone: UTC
messages: {email_from: a@shop.example, sms_from: "+15005550006", sms_cap_hours: 24, quiet_hours: "22:00-08:00"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"t.csv": TRACE, "one.yaml": RULES, "other.yaml": OTHER, "store.yaml": STORE}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def lines(folder: Path, *more: str, out: str = "out.jsonl") -> list[dict[str, Any]]:
    """What the command wrote."""
    words = ["--campaigns", "one.yaml", "--out", "out.jsonl", "--traffic", "t.csv", *more]
    found = CliRunner().invoke(app, ["backtest", *(str(folder / one) if "." in one else one for one in words)])
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in (folder / out).read_text().splitlines()]


def test_levels_prices_and_orders_of_a_trace_are_decided_on(folder: Path) -> None:
    found = lines(folder)
    assert [(one["campaign"], one["customer_id"], one["due_at"]) for one in found] == [
        ("low", "bob", "2026-03-01T22:30:00Z"),
        ("low", "anna", "2026-03-01T22:30:00Z"),
        ("price", "anna", "2026-03-02T12:00:00Z"),
        ("shipped", "carl", "2026-03-02T23:30:00Z"),
        ("win", "carl", "2026-03-05T13:00:00Z"),
    ]
    assert {one["outcome"] for one in found} == {"would_send"}
    assert [one.get("sku") for one in found] == ["tea", "tea", "tea", None, None]
    assert [one["cart_id"] is None for one in found] == [False, False, False, True, True]


def test_two_versions_differ_in_those_whom_only_one_tells_and_when(folder: Path) -> None:
    changes = lines(folder, "--against", "other.yaml", "--changes", "changes.jsonl", out="changes.jsonl")
    assert Counter((one["campaign"], one["customer_id"], one["after"] is None) for one in changes) == {
        ("low", "bob", True): 1,
        ("low", "anna", True): 1,
        ("win", "carl", False): 1,
    }


def test_quiet_hours_hold_back_what_is_not_about_an_order_while_the_item_is_in_the_cart(folder: Path) -> None:
    found = {(one["campaign"], one["customer_id"]): one for one in lines(folder, "--caps", "store.yaml")}
    assert found["low", "bob"]["reason"] == "not_in_cart"
    assert found["low", "anna"]["sent_at"] == "2026-03-02T08:00:00Z"
    assert found["shipped", "carl"]["sent_at"] == "2026-03-02T23:30:00Z", "nobody waits for that they are told of"


WAITING = """\
campaigns:
- name: cart
  kind: abandoned_cart
  exit_on: [{message.clicked: 2h}]
  steps: [{delay: 1h, channel: email, template: t}]
- {name: back, kind: back_in_stock, steps: [{channel: email, template: t}]}
- {name: looked, kind: browse, steps: [{delay: 2h, channel: email, template: t}]}
"""


def test_who_watches_looks_and_clicks_is_followed(folder: Path) -> None:
    """Story: a trace had all that shoppers looked at, and a campaign on it reached nobody."""
    rows = [
        "09:00:00Z,,,level,tea,,0",
        "09:10:00Z,anna,s,watch,tea,,",
        "09:20:00Z,bob,s,watch,tea,,",
        "09:30:00Z,bob,s,unwatch,tea,,",
        "09:40:00Z,carl,s,view,jam,,",
        "09:50:00Z,dora,s,cart,jam,2.50,",
        "10:20:00Z,dora,s,click,cart,,",
        "12:00:00Z,,,level,tea,,5",
        "13:00:00Z,zoe,s,view,tea,,",
    ]
    (folder / "t.csv").write_text(TRACE.splitlines()[0] + "\n" + "".join(f"2026-03-01T{row}\n" for row in rows))
    (folder / "one.yaml").write_text(WAITING)
    assert [(one["campaign"], one["customer_id"], one["reason"], one.get("sku")) for one in lines(folder)] == [
        ("cart", "dora", "clicked", None),
        ("looked", "carl", "browse", None),
        ("back", "anna", "back_in_stock", "tea"),
    ]
