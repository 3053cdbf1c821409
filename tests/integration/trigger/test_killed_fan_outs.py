"""Stories of a process that is killed while it decides whom to tell of an item: nobody twice, nobody left out."""

import os
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_killed import REQUESTS, ROOT, asks_for, more_than
from tests.support.eventually import eventually
from tests.support.forks import Forks
from tests.unit.trigger.making import added, costs, level, prices, watched

HOLDERS, WATCHERS = 2500, 1000
CAMPAIGNS = """
campaigns:
  - name: back
    kind: back_in_stock
    recipients_per_unit: 1000
    steps: [{channel: email, template: back_in_stock}]
  - name: cheaper
    kind: price_drop
    by: {percent: 10}
    steps: [{channel: email, template: price_drop}]
"""
TOLD = """
SELECT told ->> 'kind' AS kind, told ->> 'customer_id' AS who
FROM outbox, LATERAL (SELECT convert_from(value, 'UTF8')::jsonb AS told) AS one WHERE topic = 'reminder.requests'
"""
TOGETHER = 2 * HOLDERS + WATCHERS


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """Campaigns on what comes back, and on what gets cheaper."""
    (tmp_path / "default.yaml").write_text(CAMPAIGNS)
    return tmp_path


async def happens(trigger: Trigger) -> None:
    """Thousands hold an item that was sold out, others wait for it; it comes back, and costs less."""
    await trigger.receive(prices(1, costs(1000), at=ago(hours=3)), partition=4)
    for start in range(0, HOLDERS, 500):
        await trigger.receive(*(added(f"c{n}", 1, ago(hours=2)) for n in range(start, start + 500)))
    await trigger.receive(*(watched(f"w{n}", ago(hours=1)) for n in range(WATCHERS)))
    sold_out = [level(5, 1, ago(hours=3)), level(0, 2, ago(minutes=90)), level(9, 3, ago(seconds=20))]
    await trigger.receive(*sold_out, partition=3)
    await trigger.receive(prices(2, costs(800), at=ago(seconds=20)), partition=4)
    await trigger.read_until(now())


@pytest.mark.parametrize("kills", [1, 3])
async def test_killed_while_people_are_told_of_an_item_nobody_is_told_twice_or_left_out(
    trigger: Trigger, forks: Forks, campaigns_dir: Path, kills: int
) -> None:
    await happens(trigger)
    settings = {
        "TRIGGER_MODE": "local",
        "TRIGGER_DATABASE_URL": trigger.settings.database_url.get_secret_value(),
        "TRIGGER_CAMPAIGNS_DIR": str(campaigns_dir),
        "PYTHONPATH": str(ROOT),
    }
    await trigger.pool.execute("UPDATE campaign_activations SET active_since = '2020-01-01'")
    for kill in range(kills):
        with forks.run("services.trigger.main", "timers", env=os.environ | settings):
            await eventually(partial(more_than, trigger, 500 * kill))
    await eventually(partial(asks_for, trigger, trigger.timers.fan_out, TOGETHER))
    while await trigger.timers.fan_out():
        pass
    assert await trigger.pool.fetchval(REQUESTS) == TOGETHER
    told = Counter((row["kind"], row["who"]) for row in await trigger.pool.fetch(TOLD))
    assert set(told.values()) == {1}, "nobody twice"
    assert Counter(kind for kind, _ in told) == {"back_in_stock": HOLDERS + WATCHERS, "price_drop": HOLDERS}
    assert [row["state"] for row in await trigger.pool.fetch("SELECT state FROM fan_outs")] == ["done", "done"]
    assert await trigger.pool.fetchval("SELECT count(DISTINCT told_by) FROM watches") == WATCHERS
