"""The trace that the README shows has every kind of row, and each does what is said of it."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.backtest.run import STORE
from deploy.cli import app
from deploy.traffic.shoppers import NEW
from deploy.traffic.trace import EVENTS, Row
from deploy.traffic.trace_events import TraceEvents
from deploy.traffic.trace_saving import set_aside, taken_back
from libs.contracts.events import CartEvent
from tests.unit.trigger.making import T0

EXAMPLE = Path(__file__).parents[3] / "deploy/backtest/example"


def test_every_kind_of_row_is_in_it() -> None:
    with (EXAMPLE / "trace.csv").open() as file:
        assert {row["event"] for row in csv.DictReader(file)} == EVENTS


def test_what_is_told_of_it(tmp_path: Path) -> None:
    words = ["--campaigns", str(EXAMPLE / "campaigns.yaml"), "--traffic", str(EXAMPLE / "trace.csv")]
    result = CliRunner().invoke(app, ["backtest", *words, "--out", str(tmp_path / "out.jsonl")])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    sent = {(one["campaign"], one["customer_id"]) for one in lines if one["outcome"] == "would_send"}
    assert sent == {
        *(("cart", who) for who in ("anna", "tom")),
        ("aside", "sara"),
        ("looked", "vera"),
        *(("fell", who) for who in ("anna", "cleo", "tom")),
        ("back", "will"),
        *(("low", who) for who in ("anna", "cleo", "tom")),
        ("sent", "paul"),
        ("there", "paul"),
        ("cancelled", "nora"),
        ("back_again", "paul"),
    }
    not_sent = {(one["campaign"], one["customer_id"], one["reason"]) for one in lines if one["outcome"] == "skipped"}
    assert {
        ("cart", "cleo", "clicked"),
        ("cart", "paul", "ordered"),
        ("cart", "sara", "emptied"),
        ("cart", "rita", "emptied"),
    } <= not_sent


TEA, JAM = ("tea", 2, 250), ("jam", 1, 400)


def test_what_is_set_aside_leaves_the_cart_and_comes_back_as_it_was() -> None:
    cart = NEW._replace(lines=(TEA, JAM))
    aside = set_aside(cart, "tea")
    assert aside == cart._replace(lines=(JAM,), aside=(TEA,))
    assert set_aside(cart, "cup") is None
    assert taken_back(cart, "tea") is None
    assert taken_back(aside, "tea") == cart._replace(lines=(JAM, TEA))


def test_a_product_is_one_line_on_either_side() -> None:
    more = ("tea", 5, 300)
    both = NEW._replace(lines=(TEA,), aside=(more,))
    assert set_aside(both, "tea") == NEW._replace(aside=(TEA,))
    assert taken_back(both, "tea") == NEW._replace(lines=(more,))


@pytest.mark.parametrize("checked", [True, False])
def test_an_event_says_what_is_aside_and_the_next_cart_still_has_it(checked: bool) -> None:
    made = TraceEvents(STORE, checked=checked)
    rows = [("cart", "tea"), ("cart", "jam"), ("save", "tea"), ("save", "cup"), ("purchase", "jam"), ("cart", "jam")]
    events = [made.event(Row(T0, "anna", kind, sku, 100)) for kind, sku in [*rows, ("unsave", "tea")]]
    told = [event for event in events if isinstance(event, CartEvent)]
    assert [(one.type, one.cart_version, one.units) for one in told] == [
        ("cart.line_added", 1, 1),
        ("cart.line_added", 2, 2),
        ("cart.details_set", 3, 1),
        ("cart.ordered", 4, 0),
        ("cart.line_added", 1, 1),
        ("cart.details_set", 2, 2),
    ]
    aside = [[line.sku for line in one.lines or () if line.saved] for one in told]
    assert aside == [[], [], ["tea"], ["tea"], ["tea"], []]
    assert [one.changed for one in told[2::3]] == [("goods", "saved"), ("goods", "saved")]
    assert told[0].lines is None
    assert [(line.sku, line.units, line.price, line.currency) for line in told[2].lines or ()] == [
        ("jam", 1, 100, None),
        ("tea", 1, 100, "EUR"),
    ]
