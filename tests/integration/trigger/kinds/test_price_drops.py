"""Prices that fall over a real database: who is told, and of what never again."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from libs.contracts.events import CartEvent, MessageCancelled
from libs.contracts.events.lines import CartLine
from tests.integration.trigger.conftest import Trigger, ago, make_trigger, now
from tests.integration.trigger.kinds.test_watches import became
from tests.unit.trigger.making import added, costs, prices, removed

CAMPAIGN = """
campaigns:
  - name: drop
    kind: price_drop
    by: {percent: 10}
    cool_down: 0s
    steps: [{channel: email, template: price_drop}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign on prices alone."""
    (tmp_path / "default.yaml").write_text(CAMPAIGN)
    return tmp_path


async def told(trigger: Trigger) -> list[tuple[str, int | None]]:
    """Works on all open jobs; the customers who are told, in order, and of which price."""
    while await trigger.timers.fan_out():
        continue
    return [(r.customer_id, r.price) for r in await trigger.requested()]


async def set_price(trigger: Trigger, version: int, price: int, previous: int | None = None) -> None:
    await trigger.receive(prices(version, costs(price, previous), at=ago(seconds=20)), partition=3)
    await trigger.read_until(now())


async def states(trigger: Trigger) -> Sequence[str]:
    return [r["state"] for r in await trigger.pool.fetch("SELECT state FROM fan_outs ORDER BY level_version")]


async def test_a_price_that_fell_is_told_to_who_holds_the_item_newest_first(trigger: Trigger) -> None:
    await trigger.receive(*(added(name, 1, ago(minutes=9 - n)) for n, name in enumerate("abc")))
    await trigger.receive(added("x", 1, ago(minutes=5), {"cup": 1}), removed("a", 2, ago(minutes=2)))
    await set_price(trigger, 1, 1000)
    await set_price(trigger, 2, 900)
    assert await told(trigger) == [("customer-c", 900), ("customer-b", 900)]
    (reminder, *_) = await trigger.requested()
    assert (reminder.kind, reminder.sku, reminder.template) == ("price_drop", "tea", "price_drop")
    assert await states(trigger) == ["done"]


async def test_the_first_record_that_is_ever_read_tells_of_a_fall_by_itself(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await set_price(trigger, 7, 900, 1000)
    assert await told(trigger) == [("customer-a", 900)]


async def test_a_price_is_never_told_twice_and_a_lower_one_is(trigger: Trigger) -> None:
    """Story: 10.00, 8.00, 10.00, 8.00: every second day the same mail."""
    await trigger.receive(added("a", 1, ago(minutes=5)))
    for version, price in enumerate((1000, 800, 1000, 800, 1000, 700), start=1):
        await set_price(trigger, version, price)
        await told(trigger)
    assert await told(trigger) == [("customer-a", 800), ("customer-a", 700)]
    reasons = await trigger.pool.fetch("SELECT reason FROM decisions WHERE outcome = 'skipped'")
    assert [row["reason"] for row in reasons] == ["price_told_before"]


async def test_the_same_record_again_or_an_older_one_tells_nobody(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    for version in (1, 2, 2, 1):
        await set_price(trigger, version, 1100 - 100 * version)
    assert await told(trigger) == [("customer-a", 900)]
    assert await trigger.pool.fetchval("SELECT count(*) FROM fan_outs") == 1


async def test_a_price_that_went_up_again_before_its_turn_is_told_to_nobody(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    for version, price in enumerate((1000, 800, 1000), start=1):
        await set_price(trigger, version, price)
    assert await told(trigger) == []
    assert await states(trigger) == ["superseded"]


async def test_a_fall_before_the_campaign_was_switched_on_is_told_to_nobody(trigger_dsn, pool, campaigns_dir) -> None:
    """Switching the campaign on mailed everybody with an old cart (odoo#201179)."""
    late = await make_trigger(trigger_dsn, pool, campaigns_dir, since=ago(seconds=5))
    await late.receive(added("a", 1, ago(minutes=5)))
    await set_price(late, 1, 1000)
    await set_price(late, 2, 800)
    assert await told(late) == []
    assert await trigger_prices(late) == '[["EUR", {}, 800]]'


async def trigger_prices(trigger: Trigger) -> object:
    """What is kept of the item."""
    return await trigger.pool.fetchval("SELECT prices::text FROM price_levels")


async def test_a_cap_tells_those_who_touched_it_last(trigger: Trigger, campaigns_dir) -> None:
    (campaigns_dir / "default.yaml").write_text(CAMPAIGN + "    max_recipients: 2\n")
    await trigger.campaigns.refresh()
    await trigger.receive(*(added(name, 1, ago(minutes=9 - n)) for n, name in enumerate("abcd")))
    await set_price(trigger, 1, 1000)
    await set_price(trigger, 2, 900)
    assert await told(trigger) == [("customer-d", 900), ("customer-c", 900)]


def holding(name: str, price: int | None, version: int = 1, units: int = 1, minutes: int = 9) -> CartEvent:
    """A cart with tea at that price, or of a release that told none."""
    lines = None if price is None else (CartLine("tea", units, price),)
    return added(name, version, ago(minutes=minutes), {"tea": units}).model_copy(update={"lines": lines})


async def test_each_holder_is_judged_by_the_price_of_their_own_cart(trigger: Trigger) -> None:
    """Story: who had put it in during the sale was told of a drop that they never saw."""
    await set_price(trigger, 1, 1000)
    await trigger.receive(holding("sale", 850), holding("full", 1000), holding("dear", 1200), holding("old", None))
    await set_price(trigger, 2, 900)
    assert sorted(await told(trigger)) == [("customer-dear", 900), ("customer-full", 900), ("customer-old", 900)]
    [reason] = await trigger.pool.fetch("SELECT reason FROM decisions WHERE customer_id = 'customer-sale'")
    assert reason["reason"] == "price_as_seen"


async def test_a_cart_that_takes_over_the_lower_price_is_told_by_what_its_customer_saw(trigger: Trigger) -> None:
    await set_price(trigger, 1, 1000)
    await trigger.receive(holding("a", 1000), holding("b", 1000))
    await trigger.receive(holding("a", 900, version=2, minutes=1), holding("b", 900, version=2, units=2, minutes=1))
    await set_price(trigger, 2, 900)
    assert await told(trigger) == [("customer-a", 900)]


async def test_small_falls_add_up_and_a_price_is_told_once(trigger: Trigger) -> None:
    await set_price(trigger, 1, 1000)
    await trigger.receive(holding("a", 1000))
    for version, price in enumerate((950, 900, 880, 1000, 900), start=2):
        await set_price(trigger, version, price)
        await told(trigger)
    assert await told(trigger) == [("customer-a", 900), ("customer-a", 880)]


async def test_what_was_held_before_prices_were_told_goes_by_the_level_s_former_price(trigger: Trigger) -> None:
    await set_price(trigger, 1, 1000)
    await trigger.receive(holding("a", None))
    await trigger.receive(holding("a", 900, version=2, minutes=1))
    await set_price(trigger, 2, 900)
    assert await told(trigger) == [("customer-a", 900)]


async def test_a_price_of_which_no_message_went_out_is_told_when_it_falls_to_it_again(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    for version, price in enumerate((1000, 800), start=1):
        await set_price(trigger, version, price)
    assert await told(trigger) == [("customer-a", 800)]
    await became(trigger, MessageCancelled)
    for version, price in enumerate((1000, 800), start=3):
        await set_price(trigger, version, price)
    assert await told(trigger) == [("customer-a", 800)] * 2
