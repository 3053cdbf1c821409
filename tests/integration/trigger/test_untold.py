"""Story: a text about the last cups was capped, and for a day the cups were silent, as if somebody had been told."""

import pytest

from libs.contracts.events import MessageCancelled, MessageEvent, MessageExpired, MessageFailed, MessageSent
from tests.integration.trigger.conftest import Trigger, ago
from tests.integration.trigger.kinds.test_back_in_stock import CAMPAIGN as BACK
from tests.integration.trigger.kinds.test_back_in_stock import levels
from tests.integration.trigger.kinds.test_watches import became
from tests.integration.trigger.test_fan_outs import falls, reasons, told
from tests.unit.trigger.making import THREE_STEPS, added


@pytest.fixture
def campaigns_dir(tmp_path):
    """A campaign on what runs low, and one on what is back."""
    (tmp_path / "default.yaml").write_text(THREE_STEPS + BACK.removeprefix("\ncampaigns:\n"))
    return tmp_path


@pytest.mark.parametrize("nothing", [MessageCancelled, MessageExpired, MessageFailed])
async def test_a_message_that_came_to_nothing_cools_nothing_down(trigger: Trigger, nothing: type[MessageEvent]) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["customer-a"]
    await became(trigger, nothing)
    await falls(trigger, 20, 5, version=5)
    assert await told(trigger) == ["customer-a"] * 2
    await became(trigger, MessageSent)
    await falls(trigger, 20, 5, version=8)
    assert await told(trigger) == ["customer-a"] * 2, "of the second they were told"
    assert await reasons(trigger) == {"tea": "cooling_down"}


async def test_what_a_message_that_came_to_nothing_named_cools_not_down_either(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    for sku in ("tea", "cup"):
        await falls(trigger, 10, 5, sku=sku)
    assert await told(trigger) == ["customer-a"]
    assert sorted((await reasons(trigger)).values()) == ["low_stock", "told_together"]
    await became(trigger, MessageCancelled)
    for sku in ("tea", "cup"):
        await falls(trigger, 20, 5, version=5, sku=sku)
    assert await told(trigger) == ["customer-a"] * 2
    second = (await trigger.requested())[1]
    assert {second.sku, *(item.sku for item in second.also_low or ())} == {"tea", "cup"}


async def test_what_was_named_by_a_message_that_went_out_cools_down(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    for sku in ("tea", "cup"):
        await falls(trigger, 10, 5, sku=sku)
    assert await told(trigger) == ["customer-a"]
    await became(trigger, MessageSent)
    await trigger.pool.execute("UPDATE decisions SET due_at = due_at - interval '2 min'")
    for sku in ("tea", "cup"):
        await falls(trigger, 20, 5, version=5, sku=sku)
    assert await told(trigger) == ["customer-a"]


async def test_what_a_release_of_before_left_out_as_told_cools_down(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    for sku in ("tea", "cup"):
        await falls(trigger, 10, 5, sku=sku)
    assert await told(trigger) == ["customer-a"]
    await trigger.pool.execute("UPDATE decisions SET named = NULL, due_at = due_at - interval '2 min'")
    for sku in ("tea", "cup"):
        await falls(trigger, 20, 5, version=5, sku=sku)
    assert await told(trigger) == ["customer-a"]


async def test_what_is_back_and_was_told_to_nobody_is_told_when_it_is_back_again(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=30)))
    await levels(trigger, 5, 0, 4)
    while await trigger.timers.fan_out():
        continue
    assert [r.kind for r in await trigger.requested()].count("back_in_stock") == 1
    await became(trigger, MessageExpired)
    await levels(trigger, 0, 4, version=4)
    while await trigger.timers.fan_out():
        continue
    assert [r.kind for r in await trigger.requested()].count("back_in_stock") == 2
