"""Kinds that have their line in the registry decide live: consumer, timers and fan-outs know them by that alone."""

from pathlib import Path

import pytest

from services.trigger.domain.backtest import decisions
from services.trigger.domain.kinds import registry
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.unit.trigger.made_up_kinds import CAMPAIGNS, FirstLine, SoldAgain
from tests.unit.trigger.making import added, campaigns, cart_id, level


@pytest.fixture
def campaigns_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Campaigns of the made-up kinds, which have their lines."""
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, FirstLine, SoldAgain))
    (tmp_path / "default.yaml").write_text(CAMPAIGNS)
    return tmp_path


async def test_a_kind_on_carts_decides_live_as_in_the_backtest(trigger: Trigger) -> None:
    first, changed = added("a", 1, ago(minutes=20)), added("b", 1, ago(minutes=20))
    events = [first, changed, added("b", 2, ago(minutes=10))]
    await trigger.receive(*events)
    assert await trigger.timers.fire() == 0, "what happened since has not been read"
    until = now()
    await trigger.read_until(until)
    assert await trigger.timers.fire() == 1
    (reminder,) = await trigger.requested()
    assert (reminder.cart_id, reminder.campaign, reminder.kind) == (cart_id("a"), "first", "first_line")
    assert (reminder.template, reminder.variant) == ("welcome", "plain")
    (expected,) = [d for d in decisions(events, campaigns(CAMPAIGNS), until) if d.outcome == "would_send"]
    assert (reminder.reminder_id, reminder.due_at) == (expected.reminder_id, expected.due_at)


async def test_a_kind_on_stock_tells_the_holders(trigger: Trigger) -> None:
    await trigger.receive(*(added(name, 1, ago(minutes=3 + n)) for n, name in enumerate("abc")))
    levels = [level(available, version, ago(seconds=20)) for version, available in enumerate((3, 0, 2), start=1)]
    await trigger.receive(*levels, partition=3)
    await trigger.read_until(now())
    while await trigger.timers.fan_out():
        continue
    told = await trigger.requested()
    assert [(r.customer_id, r.kind, r.sku, r.threshold) for r in told] == [
        ("customer-a", "sold_again", "tea", None),
        ("customer-b", "sold_again", "tea", None),
    ]
    assert await trigger.pool.fetchval("SELECT reason FROM decisions LIMIT 1") == "sold_again"
