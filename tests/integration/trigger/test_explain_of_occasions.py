"""Whoever asks of a customer is told what is ahead of their orders, too, and of what they set aside."""

from pathlib import Path

import pytest

from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.kinds.test_occasions import cancelled, placed
from tests.integration.trigger.test_explain import OTHER, ask, told

CAMPAIGNS = """
campaigns:
  - {name: confirmed, kind: order_confirmed, steps: [{channel: email, template: order_confirmed}]}
  - {name: thanks, kind: post_purchase, steps: [{delay: 7d, channel: email, template: post_purchase}]}
  - {name: come_back, kind: win_back, steps: [{name: note, delay: 90d, channel: email, template: win_back}]}
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    (tmp_path / "default.yaml").write_text(CAMPAIGNS)
    return tmp_path


async def test_what_follows_an_order_in_a_week_and_in_months_is_told_as_ahead(trigger: Trigger) -> None:
    """Story: support saw nothing ahead of a customer who was written to the next day."""
    await trigger.receive(placed(at=ago(minutes=5)))
    await trigger.read_until(now())
    await trigger.timers.fire_occasions()
    found = {one["subject"]: one for one in (await told(trigger, "customer=anna"))["occasions"]}
    (thanks,) = found["order.placed"]["ahead"]
    assert (found["order.placed"]["order_id"], found["order.placed"]["why"]) == ("o-1", "They have ordered.")
    assert (thanks["campaign"], thanks["state"], thanks["reason"]) == ("thanks", "planned", "planned")
    (note,) = found["customer.ordered"]["ahead"]
    assert (note["campaign"], note["step_name"], found["customer.ordered"]["order_id"]) == ("come_back", "note", None)
    assert thanks["due_at"] < note["due_at"]


async def test_an_order_that_came_to_nothing_says_so_and_has_nothing_ahead(trigger: Trigger) -> None:
    await trigger.receive(placed(at=ago(minutes=5)), cancelled(ago(minutes=1)))
    found = {one["subject"]: one for one in (await told(trigger, "customer=anna"))["occasions"]}
    assert (found["order.placed"]["ended"], found["order.placed"]["ahead"]) == ("cancelled", [])
    assert found["order.placed"]["why"].endswith("Nothing more is told of it: the order was cancelled meanwhile.")
    assert found["customer.ordered"]["ahead"] != []


async def test_nobody_else_is_told_of_it(trigger: Trigger) -> None:
    await trigger.receive(placed(at=ago(minutes=5)))
    assert (await told(trigger, "customer=ben"))["occasions"] == []
    assert (await ask(trigger, "customer=anna", OTHER, "other")).json()["occasions"] == []
