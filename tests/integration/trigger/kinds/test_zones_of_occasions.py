"""What follows an order waits until it is day where its customer is, over a real database."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from libs.contracts.events import ProductViewed
from libs.runtime.ids import uuid7
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.kinds.test_occasions import placed
from tests.unit.trigger.making import reached

CAMPAIGN = """
timezone: UTC
campaigns:
  - name: thanks
    kind: post_purchase
    steps: [{delay: 1s, channel: email, template: t, lateness: 30d, at: {between: ["09:00", "10:00"], zone: recipient}}]
  - name: looked
    kind: browse
    steps: [{delay: 1s, channel: email, template: t, lateness: 30d, at: {between: ["09:00", "10:00"], zone: recipient}}]
"""
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign that writes in the morning."""
    (tmp_path / "default.yaml").write_text(CAMPAIGN)
    return tmp_path


def nine(after: datetime) -> datetime:
    """Nine o'clock in Tokyo after a moment; nobody changes clocks there."""
    at = after.astimezone(TOKYO).replace(hour=9, minute=0, second=0, microsecond=0)
    return at if at >= after else at + timedelta(days=1)


@pytest.mark.parametrize("told", ["before", "after"])
async def test_it_goes_out_in_the_morning_of_the_customer(trigger: Trigger, told: str) -> None:
    order, zone = placed(at=ago(days=3)), reached("anna", timezone="Asia/Tokyo")
    # in Tokyo an hour of the day that is open neither there nor by the clock of the file
    at = order.occurred_at.astimezone(TOKYO).replace(hour=12, minute=0)
    order = order.model_copy(update={"occurred_at": at})
    for event in (zone, order) if told == "before" else (order, zone):
        await trigger.receive(event)
    await trigger.read_until(now())
    while await trigger.timers.fire_occasions():
        continue
    # by now it is too late to send it; when it was due is decided all the same
    assert await trigger.pool.fetchval("SELECT due_at FROM decisions") == nine(at)


async def test_what_was_looked_at_is_looked_at_again_in_the_morning_of_the_customer(trigger: Trigger) -> None:
    """Story: it was armed by the clock of the file, and went out hours after the morning that it waited for."""
    at = ago(days=3).astimezone(TOKYO).replace(hour=12, minute=0)
    await trigger.receive(reached("anna", timezone="Asia/Tokyo"))
    await trigger.receive(
        ProductViewed(event_id=uuid7(), occurred_at=at, store_id="shop", customer_id="anna", skus=("tea",))
    )
    assert await trigger.pool.fetchval("SELECT due_at FROM occasions") == nine(at)
