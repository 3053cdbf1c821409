"""A trace replayed: every sum is what SQL of its own counts from the records, whatever happened on the way.

The trace is made, in the form of the public ones; `EVERCART_TRACE` names another one, which is read instead.
"""

import os
import random
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.traffic.trace import rows
from libs.contracts import events as e
from services.console.domain.rules import Rules
from services.console.handlers.figures import Figures
from services.console.handlers.rules import change_rules
from tests.integration.console.conftest import Console
from tests.integration.console.recount.in_sql import SUMS, Counting, differences
from tests.integration.console.recount.made_trace import priced, write
from tests.integration.console.test_recount import recount_all, take_in
from tests.unit.console.making import at, store
from tests.unit.console.traffic import Traffic

ZONE = "Asia/Shanghai"
HERE = Counting(ZONE)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[e.Event]:
    """What the trace comes to, with what a trigger and a notifier would have told beside it."""
    named = os.environ.get("EVERCART_TRACE")
    path = Path(named) if named else write(tmp_path_factory.mktemp("trace") / "trace.csv")
    return Traffic().events([priced(row) for row in rows(path)])


@pytest.fixture
async def shop(console: Console) -> Console:
    """A console that knows where the shop is."""
    await console.receive(store(time_zone=ZONE))
    return console


async def differing(shop: Console, events: list[e.Event], counting: Counting = HERE) -> dict[str, object]:
    """What comes out otherwise once all sums are as the rows are."""
    await shop.sums.round()
    return dict(await differences(shop.pool, events, counting))


async def test_a_replayed_trace_counts_as_sql_counts_it(shop: Console, events: list[e.Event]) -> None:
    await take_in(shop, events)
    assert await differing(shop, events) == {}
    numbers = {name: await shop.pool.fetchval(f"SELECT count(*) FROM {name}") for name in SUMS}
    assert all(number >= 9 for number in numbers.values()), f"or it proves little: {numbers}"
    assert await shop.pool.fetchval("SELECT sum(orders) FROM credit_sums") > 9
    await shop.pool.execute(
        "UPDATE touch_sums SET clicked = clicked + 1 WHERE ctid IN (SELECT min(ctid) FROM touch_sums)"
    )
    assert list(await differing(shop, events)) == ["touch_sums"], "one click too many is noticed"


async def test_what_pages_show_is_what_sql_counts(shop: Console, events: list[e.Event]) -> None:
    await take_in(shop, events)
    assert await differing(shop, events) == {}
    since, until = min(events, key=lambda one: one.occurred_at), max(events, key=lambda one: one.occurred_at)
    days = since.occurred_at.date(), until.occurred_at.date() + timedelta(days=1)
    figures = Figures(shop.pool, at)
    of = await figures.revenue("shop", *days, by_day=False)
    told = await shop.rows("SELECT currency, sum(orders), sum(net) FROM recount.order_sums GROUP BY 1 ORDER BY 1")
    assert [(row.currency, row.orders, row.net) for row in of] == told
    (funnel,) = (await figures.funnel_between("shop", *days)).campaigns
    told = await shop.rows("SELECT step, sum(sent), sum(clicked) FROM recount.touch_sums GROUP BY 1 ORDER BY 1")
    steps = {step.step for step in funnel.steps}
    summed = [
        (n, *(sum(getattr(s, f) for s in funnel.steps if s.step == n) for f in ("sent", "clicked"))) for n in steps
    ]
    assert sorted(summed) == told
    (experiment,) = await figures.experiments("shop", *days)
    told = await shop.rows("SELECT arm, sum(people), sum(ordered) FROM recount.people_sums GROUP BY 1 ORDER BY 1")
    assert sorted((arm.arm, arm.people, arm.ordered) for arm in experiment.arms) == told


async def test_duplicates_and_late_events_change_nothing_of_it(shop: Console, events: list[e.Event]) -> None:
    untidy = events + random.Random(3).sample(events, len(events) // 3)
    random.Random(4).shuffle(untidy)
    half = len(untidy) // 2
    await take_in(shop, untidy[:half])
    await shop.sums.round()
    await take_in(shop, untidy[half:])
    assert await differing(shop, untidy) == {}
    assert await differing(shop, events) == {}


async def test_other_windows_and_rates_recount_it_as_sql_does(shop: Console, events: list[e.Event]) -> None:
    await take_in(shop, events)
    assert await differing(shop, events) == {}
    rates = {"rates": [{"currency": "USD", "since": "2010-01-01", "rate": "0.91"}]}
    told = {"window_days": 2, "channel_days": {"sms": 9}}
    await change_rules(shop.pool, "shop", Rules.model_validate(told | rates), "reports", at())
    assert await differing(shop, events, Counting(ZONE, 2, {"sms": 9}, {"USD": "0.91"})) == {}


async def test_an_erasure_leaves_what_sql_counts_of_everybody(shop: Console, events: list[e.Event]) -> None:
    await take_in(shop, events)
    assert await differing(shop, events) == {}
    who = next(one.customer_id for one in events if isinstance(one, e.MessageClicked))
    last = max(one.occurred_at for one in events) + timedelta(days=1)
    erasure = e.ErasureRequested(
        event_id=uuid4(), occurred_at=last, erasure_id=uuid4(), store_id="shop", customer_ids=(who,), profile_version=9
    )
    await shop.receive(erasure)
    await take_in(shop, events)
    await recount_all(shop)
    assert await differing(shop, events) == {}
    assert await shop.rows("SELECT 1 FROM touches WHERE customer_id = $1", who) == []
