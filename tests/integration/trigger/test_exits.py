"""What ends reminders although the goods are as they were, on a real database: `exit_on`."""

from pathlib import Path

import pytest

from tests.integration.trigger.conftest import Trigger, ago, now
from tests.unit.trigger.making import added, noted, rest, silenced

TWO = """
campaigns:
  - name: as_ever
    kind: abandoned_cart
    steps: [{delay: 1h, channel: email, template: abandoned_cart, lateness: 6h}]
  - name: whatever_is_ordered
    kind: abandoned_cart
    exit_on: []
    steps: [{delay: 1h, channel: sms, template: abandoned_cart, lateness: 6h}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """Two campaigns, of which no order ends the second."""
    (tmp_path / "default.yaml").write_text(TWO)
    return tmp_path


async def fires(trigger: Trigger) -> list[tuple[str, tuple[str, ...] | None]]:
    """Looks at what is due by now; what was asked for until then, with what ends it."""
    await trigger.read_until(now())
    await trigger.timers.fire()
    return [(asked.campaign, asked.exit_on) for asked in await trigger.requested()]


async def test_a_subscription_s_renewal_ends_no_reminder_of_a_full_cart_where_the_shop_says_so(
    trigger: Trigger,
) -> None:
    """Story: a shop renews coffee every Monday, and whoever had a cart then was never reminded of it."""
    await trigger.receive(added("a", 3, ago(hours=2)))
    await trigger.receive(silenced("a", 3, ago(minutes=90)))
    await trigger.receive(noted("a", 4, ago(minutes=80), goods=3))
    assert await fires(trigger) == [("whatever_is_ordered", ())]
    assert [asked.cart_version for asked in await trigger.requested()] == [3]


async def test_without_an_order_both_are_asked_for_and_say_what_ends_them(trigger: Trigger) -> None:
    await trigger.receive(added("a", 3, ago(hours=2)))
    assert await fires(trigger) == [("as_ever", ("order.placed",)), ("whatever_is_ordered", ())]


async def test_what_an_order_left_is_told_of_by_no_campaign_whatever_is_noted_on_it(trigger: Trigger) -> None:
    await trigger.receive(rest("a", 1, ago(hours=2)))
    await trigger.receive(noted("a", 2, ago(minutes=90)))
    assert await fires(trigger) == []


async def test_a_cart_that_an_older_release_silenced_stays_as_it_was_for_every_campaign(trigger: Trigger) -> None:
    """A release that is still running writes rows without a word on it."""
    await trigger.receive(added("a", 3, ago(hours=2)), silenced("a", 3, ago(minutes=90)))
    await trigger.pool.execute("UPDATE carts SET heeds_orders = NULL")
    assert await fires(trigger) == []
    await trigger.receive(added("b", 1, ago(hours=2)))
    await trigger.pool.execute("UPDATE carts SET heeds_orders = NULL")
    await trigger.receive(silenced("b", 1, ago(minutes=90)))
    assert await fires(trigger) == [("whatever_is_ordered", ())]
