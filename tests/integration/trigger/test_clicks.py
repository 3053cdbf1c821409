"""Clicks that the notifier tells end the steps of a campaign for as long as it says."""

from pathlib import Path

import pytest

from libs.runtime.ids import uuid7
from services.trigger.db import clicks
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_erasure import request
from tests.unit.trigger.making import added, clicked

TWO = """
campaigns:
  - name: cart
    kind: abandoned_cart
    exit_on: [{message.clicked: 12h}]
    steps: [{delay: 1h, channel: sms, template: abandoned_cart, lateness: 6h}]
  - name: other
    kind: abandoned_cart
    steps: [{delay: 1h, channel: email, template: abandoned_cart, lateness: 6h}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """Two campaigns, of which a click ends the first."""
    (tmp_path / "default.yaml").write_text(TWO)
    return tmp_path


async def decided(trigger: Trigger) -> dict[str, str]:
    await trigger.read_until(now())
    await trigger.timers.fire()
    rows = await trigger.pool.fetch("SELECT customer_id || ' ' || campaign AS what, reason FROM decisions")
    return {row["what"]: row["reason"] for row in rows}


async def test_whoever_clicked_is_not_reminded_by_that_campaign_for_that_time(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)), added("b", 1, ago(hours=2)), added("c", 1, ago(hours=2)))
    first = clicked("customer-a", ago(hours=5))
    await trigger.receive(first, clicked("customer-b", ago(hours=14)), clicked("customer-c", ago(hours=5), "other"))
    await trigger.receive(first.model_copy(update={"event_id": uuid7(), "occurred_at": ago(hours=20)}))
    assert await decided(trigger) == {
        "customer-a cart": "clicked",
        "customer-a other": "idle",
        "customer-b cart": "idle",
        "customer-b other": "idle",
        "customer-c cart": "idle",
        "customer-c other": "idle",
    }
    assert {r.exit_on for r in await trigger.requested()} == {(), ("order.placed",)}


async def test_a_click_that_may_be_a_machine_s_ends_no_campaign(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)), clicked("customer-a", ago(hours=5), suspected="head"))
    assert await decided(trigger) == {"customer-a cart": "idle", "customer-a other": "idle"}


async def test_what_was_clicked_before_an_erasure_is_not_kept_however_late_it_comes(trigger: Trigger) -> None:
    await trigger.receive(request("customer-a"))
    await trigger.receive(clicked("customer-a", ago(hours=5)), clicked("customer-b", ago(hours=5)))
    assert [r["customer_id"] for r in await trigger.pool.fetch("SELECT customer_id FROM clicks")] == ["customer-b"]


async def test_old_clicks_are_forgotten(trigger: Trigger) -> None:
    await trigger.receive(clicked("customer-a", ago(days=50)), clicked("customer-b", ago(days=5)))
    async with trigger.pool.acquire() as connection:
        await clicks.forget(connection, ago(days=40))
    assert [r["customer_id"] for r in await trigger.pool.fetch("SELECT customer_id FROM clicks")] == ["customer-b"]
