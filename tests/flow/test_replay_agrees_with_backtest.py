"""Live and backtest decide the same about a trace that is full of what is awkward."""

import asyncio
import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.commands.stack import started, store_of
from deploy.local.up import Wanted
from deploy.traffic import replay as replaying
from deploy.traffic.cart_api import CartApi
from deploy.traffic.replay import Run, Tell, replay
from deploy.traffic.report import Report
from deploy.traffic.switch import STORE
from deploy.traffic.trace import Row, rows

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SPEEDS = (10_000, 5_000, 2_000, 1_000)
LATE_S = 2.5
"""More than the trigger of a local stack waits for what happened (1 s), and than it takes to look at what is due."""
BACK_IN_TIME = [
    Row(BEGIN, "back", "cart", "a", 500),
    Row(BEGIN + timedelta(minutes=59), "back", "cart", "b", 500),
    Row(BEGIN + timedelta(hours=3), "back", "view", "a", 0),
]
HOURS = 60
USERS = 40


def trace(path: Path) -> None:
    """A few hundred rows in 80 hours: shoppers at random, and some whose changes fall on each other's due times."""
    chance = random.Random(20260301)
    found = [(0.0, "u0", "view", "a", "")]
    for number in range(USERS):
        at = chance.uniform(0, 30)
        while at < HOURS:
            event = chance.choices(["cart", "view", "remove", "purchase"], [10, 4, 3, 2])[0]
            price = chance.choice(["", "0", "-3.50", "12.99", "0.01"])
            found.append((at, f"u{number}", event, chance.choice("abcde"), price))
            # many come back about when the first reminder is due, before it, at it, or after it
            at += chance.choice([0.0, 0.01, 0.9, 1.0, 1.1, 1.3, 2.5, 23.0, 24.0, 30.0, 49.0])
    for name, again in (("tie1", 1.0), ("tie24", 24.0), ("tie48", 48.0)):
        found += [(2.0, name, "cart", "a", "5"), (2.0 + again, name, "cart", "b", "5")]
    found += [(3.0, "bought", "cart", "a", "5"), (4.0, "bought", "purchase", "a", "5")]
    found += [(5.0, "emptied", "cart", "a", "5"), (6.0, "emptied", "remove", "a", "5")]
    found += [(7.0, "never", "remove", "a", ""), (8.0, "never", "purchase", "a", "9.90")]
    found += [(9.0, "kept", "cart", "a", "5"), (9.5, "kept", "remove", "b", "5")]
    found += [(59.0, "due_at_the_end", "cart", "a", "5"), (60.0, "u0", "view", "a", "")]
    found.sort(key=lambda row: row[0])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ts_utc_iso", "user_id", "session_id", "event", "product_id", "price"])
        for hours, user, event, product, price in found:
            moment = BEGIN + timedelta(seconds=round(hours * 3600))
            writer.writerow([f"{moment:%Y-%m-%dT%H:%M:%SZ}", user, f"{user}-1", event, product, price])


async def replayed_in_time(stack, recorded: list[Row], tell: Tell) -> tuple[Run, Report]:
    """The first replay in which no change came to the trigger later than it waits: a busy machine takes a lower speed.

    Whatever live and backtest differ in where a change was late is the replay's own fault.
    """
    for speed in SPEEDS:
        run = Run.of(recorded, speed)
        report = await replay(stack, store_of(stack, STORE), run, "trace.csv", tell)
        if report.exact:
            return run, report
    pytest.fail(f"at {run.speed} times the speed still {report.late_events} changes were late")


class LateApi(CartApi):
    """A busy machine: what is done at its moment is known much later."""

    async def add(self, caller, item, quantity=1):
        await asyncio.sleep(LATE_S)
        return await super().add(caller, item, quantity)


async def test_live_and_backtest_agree_and_a_replay_that_was_late_says_so(
    tmp_path, postgres_server, kafka, monkeypatch
):
    """Story: on a busy machine a change came after the timer that it should have stopped: the trigger was blamed."""
    trace(tmp_path / "trace.csv")
    recorded = list(rows(tmp_path / "trace.csv"))
    told: list[tuple[str, float]] = []
    async with started(tmp_path / "state", lambda _: None, Wanted(postgres_server, kafka)) as stack:
        run, report = await replayed_in_time(stack, recorded, lambda *what: told.append(what))
        monkeypatch.setattr(replaying, "CartApi", LateApi)
        late = await replay(stack, store_of(stack, STORE), Run.of(BACK_IN_TIME, SPEEDS[0]), "late.csv", lambda *_: None)

    assert not late.exact
    assert late.late_events == 2
    assert [(one.customer_id, one.step) for one in late.agreement.only_live] == [("back", 1)]
    assert not report.problems
    assert report.agreement.only_live == ()
    assert report.agreement.only_backtest == ()
    assert report.errors == 0
    assert report.good
    assert sum(step.requested for step in report.steps) >= report.agreement.both > 100
    assert {(step.step, step.channel) for step in report.steps} == {(1, "email"), (2, "sms"), (3, "email")}
    assert all(0 <= part <= 1 for _, part in told)
    assert run.speed in SPEEDS
