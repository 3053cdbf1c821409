"""An item that is there again over a real database: who waited longest is told, as many as units came."""

from pathlib import Path

import pytest

from services.trigger.handlers import fan_outs
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_fan_outs import states
from tests.unit.trigger.making import added, cart_id, level, removed

CAMPAIGN = """
campaigns:
  - name: back
    kind: back_in_stock
    recipients_per_unit: 1
    cool_down: 0s
    steps: [{channel: email, template: back_in_stock}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign on what comes back alone."""
    (tmp_path / "default.yaml").write_text(CAMPAIGN)
    return tmp_path


@pytest.fixture(autouse=True)
def small_pages(monkeypatch) -> None:
    """Pages small enough for a few people to need several."""
    monkeypatch.setattr(fan_outs, "PAGE", 3)


async def told(trigger: Trigger) -> list[str]:
    """Works on all open jobs; the customers who are told, in order, without the beginning of their names."""
    while await trigger.timers.fan_out():
        continue
    return [r.customer_id.removeprefix("customer-") for r in await trigger.requested()]


async def levels(trigger: Trigger, *available: int, version: int = 1) -> None:
    """The item takes these levels; what was in carts half an hour ago was so when it sold out."""
    for number, units in enumerate(available):
        await trigger.receive(level(units, version + number, ago(minutes=20 - version - number)), partition=3)
    await trigger.read_until(now())


async def test_who_waited_longest_is_told_as_many_as_units_came_and_the_rest_when_more_come(trigger: Trigger) -> None:
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(8)))
    await levels(trigger, 5, 0, 4)
    assert await told(trigger) == ["c0", "c1", "c2", "c3"]
    await levels(trigger, 3, 5, version=4)
    assert await told(trigger) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    await levels(trigger, 40, version=6)
    assert await told(trigger) == [f"c{n}" for n in range(8)]
    assert await states(trigger) == ["done"] * 3
    (reminder, *_) = await trigger.requested()
    assert (reminder.kind, reminder.sku, reminder.cart_id) == ("back_in_stock", "tea", cart_id("c0"))


async def test_only_those_are_told_who_held_it_when_it_sold_out_and_hold_it_still(trigger: Trigger) -> None:
    await trigger.receive(*(added(name, 1, ago(minutes=30)) for name in ("waits", "left")))
    await levels(trigger, 5, 0)
    await trigger.receive(removed("left", 2, ago(minutes=2)), added("later", 1, ago(minutes=2)))
    await levels(trigger, 9, version=3)
    assert await told(trigger) == ["waits"]


async def test_who_was_told_and_waits_again_is_told_again(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=30)))
    await levels(trigger, 5, 0, 2)
    assert await told(trigger) == ["a"]
    await levels(trigger, 0, 1, version=4)
    assert await told(trigger) == ["a", "a"]


async def test_a_feed_that_flaps_tells_nobody_twice_a_day(trigger: Trigger, campaigns_dir) -> None:
    """Story: a feed that flapped sent 79 mails in a day (inventory-hunter#22)."""
    (campaigns_dir / "default.yaml").write_text(CAMPAIGN.replace("    cool_down: 0s\n", ""))
    await trigger.campaigns.refresh()
    await trigger.receive(added("a", 1, ago(minutes=30)))
    for number in range(5):
        await levels(trigger, 0, 2, version=1 + 2 * number)
        await told(trigger)
    assert await told(trigger) == ["a"]


async def test_what_is_sold_out_again_before_its_turn_is_told_to_nobody(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=30)))
    await levels(trigger, 5, 0, 2, 0)
    assert await told(trigger) == []
    assert await states(trigger) == ["sold_out"]
