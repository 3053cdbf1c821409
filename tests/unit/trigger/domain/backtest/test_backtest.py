"""The backtest: one decision for each step that was due while the trace lasted."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands.backtest import backtest
from libs.contracts.events import Event
from services.trigger.domain.backtest import Backtest, decisions
from services.trigger.domain.told import Told, as_line
from tests.unit.traffic.test_trace import trace
from tests.unit.trigger.making import (
    THREE_STEPS,
    added,
    after,
    campaigns,
    cart_id,
    cleared,
    costs,
    level,
    ordered,
    prices,
)


def lines(events, until, **options) -> list[str]:
    """What the backtest writes of events."""
    backtest = Backtest(campaigns(), **options)
    found: list[Told] = []
    for event in events:
        found += map(backtest.tell, backtest.due_before(event.occurred_at))
        backtest.apply(event)
    return [as_line(one) for one in (*found, *map(backtest.tell, backtest.due_through(until)))]


def told(events, until) -> list[tuple[int, str]]:
    return [(d.step, d.reason) for d in decisions(events, campaigns(), until)]


def test_a_quiet_cart_is_sent_each_step_that_was_due_by_the_end() -> None:
    assert told([added()], after(hours=24)) == [(1, "idle"), (2, "idle")]
    assert told([added()], after(hours=23, minutes=59)) == [(1, "idle")]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (added("a", 2, after(minutes=30)), "cart_changed"),
        (cleared("a", 2, after(minutes=30)), "emptied"),
        (ordered("a", 2, after(minutes=30)), "ordered"),
    ],
)
def test_a_voided_step_is_told_with_the_reason(event, reason: str) -> None:
    assert (1, reason) in told([added(), event], after(hours=1))


def test_at_a_tie_the_event_counts() -> None:
    assert told([added(), ordered("a", 2, after(hours=1))], after(hours=2)) == [(1, "ordered")]


def test_decisions_come_in_order_of_due_time_and_none_lies_after_the_end() -> None:
    events = [
        added("a", 1),
        added("b", 1, after(minutes=1)),
        added("a", 2, after(minutes=2)),
        ordered("b", 2, after(hours=2)),
    ]
    found = list(decisions(events, campaigns(), after(hours=30)))
    assert [d.due_at for d in found] == sorted(d.due_at for d in found)
    assert max(d.due_at for d in found) <= after(hours=30)
    assert [(d.step, d.reason) for d in found] == [
        (1, "cart_changed"),
        (1, "idle"),
        (1, "idle"),
        (2, "cart_changed"),
        (2, "ordered"),
        (2, "idle"),
    ]


def test_what_was_read_twice_counts_once() -> None:
    events = [added(), added(), added("a", 2, after(minutes=5)), added()]
    assert told(events, after(hours=2)) == [(1, "cart_changed"), (1, "idle")]


@pytest.mark.parametrize(("later", "told_of"), [(timedelta(0), []), (timedelta(microseconds=1), [1, 2])])
def test_a_closed_cart_is_known_for_a_day_so_that_what_is_read_again_does_not_open_it(
    later: timedelta, told_of: list[int]
) -> None:
    over = after(minutes=30)
    events = [added(), ordered("a", 2, over), added("b", at=over + timedelta(days=1) + later), added()]
    found = decisions(events, campaigns(), over + timedelta(days=1, minutes=1))
    assert [d.step for d in found if d.reason == "idle"] == told_of


def test_without_an_end_the_last_event_of_any_kind_is_the_end() -> None:
    assert told([added(), level(5, 1, after(hours=1))], None) == [(1, "idle")]
    assert told([], None) == []


def test_an_event_at_the_very_end_counts() -> None:
    assert told([added(), ordered("a", 2, after(hours=1))], after(hours=1)) == [(1, "ordered")]


def test_nothing_is_read_beyond_the_end() -> None:
    def trace_without_end():
        yield added()
        yield added("b", 1, after(hours=3))
        raise AssertionError("the end was known")

    assert told(trace_without_end(), after(hours=2)) == [(1, "idle")]


def test_names_in_any_script_are_written_as_they_are() -> None:
    (first,) = lines([added(customer='Ана " \\ \n')], after(hours=1))
    assert '"customer_id": "Ана \\" \\\\ \\n"' in first


def test_a_line_of_the_output_is_what_was_agreed() -> None:
    (first,) = lines([added()], after(hours=1))
    assert json.loads(first) == {
        "customer_id": "customer-a",
        "campaign": "abandoned_cart",
        "step": 1,
        "channel": "email",
        "channels": ["email"],
        "due_at": "2026-03-01T13:00:00Z",
        "outcome": "would_send",
        "reason": "idle",
        "cart_id": str(cart_id("a")),
        "cart_version": 1,
        "arm": None,
        "total": 1000,
        "currency": "EUR",
        "name": "abandoned_cart-email",
    }


def run(*arguments: object):
    app = typer.Typer()
    app.command()(backtest)
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_writes_the_decisions_of_a_trace(tmp_path: Path) -> None:
    """A view moves the end of the file although it changes no cart."""
    path = trace(
        tmp_path / "t.csv",
        "10:00:00 1 cart tea 1",
        "10:10:00 2 cart tea 1",
        "10:20:00 2 purchase tea 1",
        "11:10:00 3 view tea 1",
    )
    (tmp_path / "campaigns.yaml").write_text(THREE_STEPS)
    out = tmp_path / "out.jsonl"
    done = run("--campaigns", tmp_path / "campaigns.yaml", "--traffic", path, "--out", out)
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(d["customer_id"], d["due_at"], d["reason"]) for d in lines] == [
        ("1", "2026-03-01T11:00:00Z", "idle"),
        ("2", "2026-03-01T11:10:00Z", "ordered"),
    ]


def test_the_command_names_what_is_wrong_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "campaigns.yaml").write_text("campaigns: [{name: x, kind: birthday}]")
    path = trace(tmp_path / "t.csv")
    done = run("--campaigns", tmp_path / "campaigns.yaml", "--traffic", path, "--out", tmp_path / "out.jsonl")
    assert done.exit_code == 2
    assert "Input tag 'birthday'" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_at_one_moment_decisions_come_in_the_order_of_the_rows_that_they_hang_on() -> None:
    backtest = Backtest(campaigns())
    for number, name in ((7, "a"), (3, "b"), (9, "c")):
        backtest.row(number)
        backtest.apply(added(name))
    found = [(backtest.tell(due).customer_id, backtest.order >> 16) for due in backtest.due_through(after(hours=2))]
    assert found == [("customer-b", 3), ("customer-a", 7), ("customer-c", 9)]


def test_ids_of_carts_are_written_as_everywhere() -> None:
    low = UUID(int=1)
    (first,) = lines([added().model_copy(update={"cart_id": low})], after(hours=1))
    assert json.loads(first)["cart_id"] == str(low)


def test_a_moment_that_was_written_before_is_not_written_anew() -> None:
    backtest = Backtest(campaigns())
    backtest.apply(added())
    (due,) = backtest.due_through(after(hours=1))
    one = backtest.tell(due)
    plain = as_line(one)
    assert as_line(one, "then") == plain.replace(json.loads(plain)["due_at"], "then")


def test_of_fresh_events_a_cart_is_forgotten_with_its_last_step() -> None:
    backtest = Backtest(campaigns(), fresh=True)
    backtest.apply(added())
    backtest.apply(added("b", at=after(hours=2)))
    reasons = [backtest.tell(due).reason for due in backtest.due_through(after(hours=49))]
    assert (reasons, list(backtest._carts)) == (["idle"] * 5, [cart_id("b")])
    assert lines([added(), added("b", at=after(hours=2))], after(days=9)) == lines(
        [added(), added("b", at=after(hours=2))], after(days=9), fresh=True
    )


def test_what_a_row_plans_comes_before_what_the_next_one_plans_up_to_65_536_steps_of_it() -> None:
    backtest, orders = Backtest(campaigns()), list[int]()
    for row, names in ((2, "b"), (1, "ac")):
        backtest.row(row)
        for name in names:
            backtest.apply(added(name))
    for _ in backtest.due_before(after(hours=2)):
        orders.append(backtest.order)
    assert orders == [65_536, 65_537, 131_072]


def test_what_is_in_stock_is_told_by_levels_alone() -> None:
    in_stock = THREE_STEPS.replace("    steps:", "    continue: {in_stock: any}\n    steps:", 1)
    events = [
        added(),
        prices(1, costs(1000)),
        level(0, 1, after(minutes=1)),
        prices(2, costs(900), at=after(minutes=2)),
    ]
    found = decisions(events, campaigns(in_stock), after(hours=1))
    assert [one.reason for one in found] == ["out_of_stock"]


def test_what_runs_low_within_the_group_is_named_by_time_and_sku_with_the_threshold_that_the_store_told() -> None:
    low = "campaigns: [{name: low, kind: low_stock, group: 30m, steps: [{channel: sms, template: t}]}]"
    skus = ("tea", "pan", "jam", "cup")
    events: list[Event] = [added(holds=dict.fromkeys(skus, 1))]
    events += [level(9, 1, after(hours=1), sku, threshold=7) for sku in skus]
    for sku, minutes in zip(skus, (0, 0, 0, 30), strict=True):
        events.append(level(3, 2, after(hours=2, minutes=minutes), sku, threshold=7))
    first, *_ = decisions(events, campaigns(low), after(hours=3))
    assert [(item.sku, item.threshold) for item in first.also_low] == [("jam", 7), ("pan", 7), ("cup", 7)]
