"""How customers can be reached is kept as it is told, and timers and batches go by it."""

from pathlib import Path

import pytest

from libs.contracts.events import ReachErased
from libs.runtime.ids import uuid7
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.unit.trigger.making import STORE, added, reached

RECIPIENTS = """
timezone: UTC
campaigns:
  - name: cart
    kind: abandoned_cart
    steps: [{delay: 1h, channels: [email, sms], template: t, at: {between: ["00:00", "00:00"], zone: recipient}}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    (tmp_path / "default.yaml").write_text(RECIPIENTS)
    return tmp_path


async def decided(trigger: Trigger) -> list[tuple[str, str]]:
    rows = await trigger.pool.fetch("SELECT customer_id, reason FROM decisions ORDER BY customer_id")
    return [(row["customer_id"], row["reason"]) for row in rows]


async def kept(trigger: Trigger) -> list[tuple[str, int]]:
    rows = await trigger.pool.fetch("SELECT customer_id, version FROM reach ORDER BY customer_id")
    return [(row["customer_id"], row["version"]) for row in rows]


def gone(customer: str) -> ReachErased:
    return ReachErased(event_id=uuid7(), occurred_at=now(), store_id=STORE, customer_id=customer)


async def test_who_can_not_be_reached_is_left_out_and_of_whom_nothing_is_known_is_asked_for(trigger: Trigger) -> None:
    await trigger.receive(reached("customer-a", email=False, sms=False), reached("customer-b", email=False))
    for name in "abc":
        await trigger.receive(added(name, 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert await decided(trigger) == [("customer-a", "unreachable"), ("customer-b", "idle"), ("customer-c", "idle")]


async def test_further_channels_are_kept_as_they_were_told_and_of_old_records_nothing_is_known(
    trigger: Trigger, campaigns_dir: Path
) -> None:
    (campaigns_dir / "shop.yaml").write_text(RECIPIENTS.replace("[email, sms]", "[whatsapp, telegram]"))
    await trigger.campaigns.refresh()
    told = {"a": None, "b": [], "c": ["telegram"], "d": ["push"], "e": ["whatsapp", "push"]}
    for name, channels in told.items():
        await trigger.receive(reached(f"customer-{name}", channels=channels), added(name, 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    reasons = ["idle", "unreachable", "idle", "unreachable", "idle"]
    assert await decided(trigger) == [
        (f"customer-{name}", reason) for name, reason in zip("abcde", reasons, strict=True)
    ]


async def test_a_step_that_is_overtaken_goes_by_it_too(trigger: Trigger) -> None:
    await trigger.receive(reached("customer-a", email=False, sms=False), added("a", 1, ago(hours=2)))
    await trigger.receive(added("a", 2, ago(minutes=1)))
    assert await decided(trigger) == [("customer-a", "unreachable")]


async def test_the_newest_version_holds_until_it_is_erased(trigger: Trigger) -> None:
    await trigger.receive(reached("customer-a", 2), reached("customer-a", 3))
    await trigger.receive(reached("customer-a", 1))
    assert await kept(trigger) == [("customer-a", 3)]
    await trigger.receive(reached("customer-b"), gone("customer-a"))
    assert await kept(trigger) == [("customer-b", 1)]
