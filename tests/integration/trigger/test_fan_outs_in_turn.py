"""Fan-outs beside each other: none keeps another waiting, and nobody is told of one item again and again."""

from services.trigger.handlers import fan_outs
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_fan_outs import falls, states, told
from tests.unit.trigger.making import THREE_STEPS, added, level


async def campaign(trigger: Trigger, says: str) -> None:
    """The campaign on stock says this, too."""
    path = next(trigger.settings.campaigns_dir.glob("default.yaml"))
    path.write_text(f"{THREE_STEPS}    {says}\n")
    await trigger.campaigns.refresh()


async def test_flapping_stock_is_one_message_a_day_not_79(trigger: Trigger) -> None:
    """Story: a feed that flapped sent 79 mails in a day (inventory-hunter#22)."""
    await trigger.receive(added("a", 1, ago(hours=30)))
    for number in range(79):
        at = ago(hours=5, minutes=-number)
        await trigger.receive(level(10, 2 * number + 1, at), level(4, 2 * number + 2, at), partition=3)
        await trigger.read_until(now())
        await told(trigger)
    assert len(await trigger.requested()) == 1
    reasons = await trigger.pool.fetch("SELECT reason, count(*) FROM decisions GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in reasons] == [("cooling_down", 78), ("low_stock", 1)]


async def test_after_the_cool_down_the_next_fall_is_told(trigger: Trigger) -> None:
    await campaign(trigger, "cool_down: 2h")
    await trigger.receive(added("a", 1, ago(hours=30)))
    for version, hours in ((1, 5), (3, 3.5), (5, 3)):
        await trigger.receive(
            level(10, version, ago(hours=hours)), level(4, version + 1, ago(hours=hours)), partition=3
        )
        await trigger.read_until(now())
        await told(trigger)
    assert len(await trigger.requested()) == 2, "at 3.5 h the first was an hour and a half ago, at 3 h two hours"


async def test_an_item_that_another_message_named_is_not_told_again_either(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=50), {"tea": 1, "cup": 1}))
    await falls(trigger, 10, 5)
    await falls(trigger, 10, 5, sku="cup")
    assert await told(trigger) == ["customer-a"]
    await falls(trigger, 10, 5, version=3, sku="cup")
    await trigger.pool.execute("UPDATE decisions SET due_at = due_at - interval '2 h'")
    assert await told(trigger) == ["customer-a"]


async def test_items_that_run_low_within_the_campaign_s_group_are_one_message(trigger: Trigger) -> None:
    """Story: the warehouse counted for twenty minutes, and Anna heard of each of her items alone."""
    await campaign(trigger, "group: 30m")
    await trigger.receive(added("a", 1, ago(hours=2), {"tea": 1, "cup": 1}))
    await trigger.receive(level(10, 1, ago(minutes=29)), level(5, 2, ago(minutes=28)), partition=3)
    await trigger.receive(level(10, 1, ago(minutes=9), "cup"), level(5, 2, ago(minutes=8), "cup"), partition=3)
    await trigger.read_until(now())
    assert await told(trigger) == [], "half an hour is waited for what else runs low"
    await trigger.pool.execute("UPDATE fan_outs SET begins_at = begins_at - interval '3 min'")
    assert await told(trigger) == ["customer-a"]
    assert [item.sku for item in (await trigger.requested())[0].also_low or ()] == ["cup"]
    await trigger.pool.execute("UPDATE fan_outs SET begins_at = begins_at - interval '20 min'")
    assert await told(trigger) == ["customer-a"]
    assert await states(trigger) == ["done", "done"]


async def test_a_fan_out_over_many_people_keeps_no_other_one_waiting(trigger: Trigger, monkeypatch) -> None:
    monkeypatch.setattr(fan_outs, "PAGE", 5)
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(30)))
    await trigger.receive(added("x", 1, ago(minutes=5), {"cup": 1}))
    await falls(trigger, 10, 5)
    await trigger.receive(level(10, 1, ago(seconds=11), "cup"), level(5, 2, ago(seconds=10), "cup"), partition=3)
    await trigger.timers.fan_out()
    await trigger.timers.fan_out()
    assert [r.customer_id for r in await trigger.requested()][5:] == ["customer-x"]


async def test_a_fan_out_that_somebody_works_on_stops_no_other_campaign_s(trigger: Trigger) -> None:
    """Story: a worker hung in one item's page, and the whole shop's alerts stood still behind it."""
    await trigger.receive(added("a", 1, ago(minutes=5)), added("b", 1, ago(minutes=5), {"cup": 1}))
    await trigger.receive(added("c", 1, ago(minutes=5), {"pot": 1}))
    for sku in ("tea", "cup", "pot"):
        await falls(trigger, 10, 5, sku=sku)
    other = THREE_STEPS + THREE_STEPS[THREE_STEPS.index("  - name: low_stock") :].replace(
        "low_stock\n    k", "other\n    k"
    )
    next(trigger.settings.campaigns_dir.glob("default.yaml")).write_text(other)
    await trigger.campaigns.refresh()
    await trigger.pool.execute("UPDATE fan_outs SET campaign = 'other' WHERE sku = 'pot'")
    async with trigger.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM fan_outs WHERE sku = 'tea' FOR UPDATE")
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('fan_outs|shop|low_stock', 0))")
        assert await told(trigger) == ["customer-c"]
    assert await told(trigger) == ["customer-c", "customer-a", "customer-b"]


async def test_who_was_told_lately_takes_nobody_s_place(trigger: Trigger) -> None:
    await campaign(trigger, "recipients_per_unit: 1")
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(25)))
    await falls(trigger, 10, 2)
    assert await told(trigger) == ["customer-c24", "customer-c23"]
    await falls(trigger, 10, 1, version=3)
    assert await told(trigger) == ["customer-c24", "customer-c23", "customer-c22"]
