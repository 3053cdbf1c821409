"""Live and backtest decide the same about a trace that is full of what is awkward."""

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.commands.stack import started, store_of
from deploy.local.up import Wanted
from deploy.traffic.replay import Run, replay
from deploy.traffic.switch import STORE
from deploy.traffic.trace import rows

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SPEED = 10_000
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


async def test_live_and_backtest_agree(tmp_path, postgres_server, kafka):
    trace(tmp_path / "trace.csv")
    run = Run.of(list(rows(tmp_path / "trace.csv")), SPEED)
    told: list[tuple[str, float]] = []
    async with started(tmp_path / "state", lambda _: None, Wanted(postgres_server, kafka)) as stack:
        report = await replay(stack, store_of(stack, STORE), run, "trace.csv", lambda *what: told.append(what))

    assert not report.problems
    assert report.agreement.only_live == ()
    assert report.agreement.only_backtest == ()
    assert report.errors == 0
    assert report.good
    assert sum(step.requested for step in report.steps) >= report.agreement.both > 100
    assert {(step.step, step.channel) for step in report.steps} == {(1, "email"), (2, "sms"), (3, "email")}
    assert all(0 <= part <= 1 for _, part in told)
    assert run.speed == SPEED
