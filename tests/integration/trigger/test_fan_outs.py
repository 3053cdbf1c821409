"""Low stock over a real database: who holds the item, who is told, and only once."""

import asyncio
import tracemalloc
from collections.abc import Sequence
from datetime import timedelta

import pytest

from libs.postgres.pool import Connection
from services.trigger.db import fan_outs as db
from services.trigger.domain.fan_outs import FanOut
from services.trigger.handlers import fan_out_stretches, fan_outs
from tests.integration.trigger.conftest import Trigger, ago, make_trigger, now
from tests.unit.trigger.making import THREE_STEPS, added, cart_id, claimed, level, ordered, removed


@pytest.fixture(autouse=True)
def small_pages(monkeypatch) -> None:
    """Pages small enough for a few holders to need several."""
    monkeypatch.setattr(fan_outs, "PAGE", 10)


async def told(trigger: Trigger) -> list[str]:
    """Works on all open jobs; the customers who are told, in order."""
    while await trigger.timers.fan_out():
        continue
    return [r.customer_id for r in await trigger.requested() if r.kind == "low_stock"]


async def states(trigger: Trigger) -> Sequence[str]:
    """How the jobs stand."""
    return [r["state"] for r in await trigger.pool.fetch("SELECT state FROM fan_outs ORDER BY occurred_at")]


async def falls(trigger: Trigger, *levels: int, version: int = 1, sku: str = "tea") -> None:
    """The item takes these levels, and everything up to now has been read."""
    for number, available in enumerate(levels):
        await trigger.receive(level(available, version + number, ago(seconds=20), sku), partition=3)
    await trigger.read_until(now())


async def test_a_falling_level_tells_the_holders_newest_first(trigger: Trigger) -> None:
    await trigger.receive(
        *(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(25)), added("x", 1, ago(hours=1), {"cup": 1})
    )
    await falls(trigger, 10, 5)
    assert await told(trigger) == [f"customer-c{n}" for n in reversed(range(25))]
    (reminder, *_) = await trigger.requested()
    assert (reminder.kind, reminder.channel, reminder.template) == ("low_stock", "sms", "low_stock")
    assert (reminder.sku, reminder.threshold, reminder.cart_id) == ("tea", 5, cart_id("c24"))
    assert reminder.expires_at == reminder.due_at + timedelta(hours=6)
    assert await states(trigger) == ["done"]


async def test_a_reminder_holds_up_to_the_threshold_that_came_with_the_level(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    for version, available in ((1, 60), (2, 40)):
        await trigger.receive(level(available, version, ago(seconds=20), threshold=50), partition=3)
    await trigger.read_until(now())
    assert await told(trigger) == ["customer-a"]
    assert [reminder.threshold for reminder in await trigger.requested()] == [50]


async def test_it_fires_once_and_arms_again_only_well_above(trigger: Trigger, campaigns_dir) -> None:
    (campaigns_dir / "default.yaml").write_text(f"{THREE_STEPS}    cool_down: 0s\n")
    await trigger.campaigns.refresh()
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await falls(trigger, 10, 5, 4, 6, 3)
    assert await told(trigger) == ["customer-a"]
    await falls(trigger, 8, version=6)
    await falls(trigger, 2, version=7)
    assert await told(trigger) == ["customer-a"] * 2
    assert len({r.reminder_id for r in await trigger.requested()}) == 2


async def test_a_level_that_rises_tells_nobody_wherever_its_threshold_went(trigger: Trigger) -> None:
    """Story: stock came in, the shop raised the threshold above it, and 130 people were told that it runs low."""
    await trigger.receive(added("a", 1, ago(minutes=5)))
    for version, (available, threshold) in enumerate([(10, 5), (20, 25), (20, 30)], start=1):
        await trigger.receive(level(available, version, ago(seconds=20), threshold=threshold), partition=3)
    await trigger.read_until(now())
    assert await told(trigger) == []
    await trigger.receive(level(19, 4, ago(seconds=20), threshold=30), partition=3)
    await trigger.read_until(now())
    assert await told(trigger) == ["customer-a"]


async def test_three_items_low_within_a_second_are_one_message(trigger: Trigger) -> None:
    """Story: a delivery was cancelled, three of Anna's items ran low at once, and her phone rang three times."""
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1, "pot": 1}))
    await trigger.receive(added("b", 1, ago(minutes=5), {"pot": 1}))
    for sku in ("tea", "cup", "pot"):
        await falls(trigger, 10, 5, sku=sku)
    assert await told(trigger) == ["customer-a", "customer-b"]
    rows = await trigger.pool.fetch(
        "SELECT outcome, reason FROM decisions WHERE customer_id = 'customer-a' ORDER BY 1, 2"
    )
    assert [tuple(row) for row in rows] == [("skipped", "told_together")] * 2 + [("would_send", "low_stock")]


async def test_one_message_names_all_items_that_are_low_together(trigger: Trigger) -> None:
    """Story: of three items that ran low within a second Anna was told the first, and lost the other two."""
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1, "pot": 1}))
    await trigger.receive(added("b", 1, ago(minutes=5), {"pot": 1, "jug": 1}))
    await trigger.receive(added("c", 1, ago(minutes=5), {"cup": 1}))
    for sku in ("tea", "cup", "pot"):
        await falls(trigger, 10, 5, sku=sku)
    await falls(trigger, 10, 5, 20, sku="jug")
    assert sorted(await told(trigger)) == ["customer-a", "customer-b", "customer-c"]
    asked = {r.customer_id: r for r in await trigger.requested()}
    first, others = asked["customer-a"].sku, asked["customer-a"].also_low or ()
    assert {first, *(item.sku for item in others)} == {"tea", "cup", "pot"}
    assert [item.threshold for item in others] == [5, 5]
    assert (asked["customer-b"].sku, asked["customer-b"].also_low) == ("pot", None), "of what came back nothing is said"
    assert (asked["customer-c"].sku, asked["customer-c"].also_low) == ("cup", None)


async def test_a_fan_out_waits_for_what_runs_low_with_its_item(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    await trigger.receive(level(10, 1, ago(seconds=20)), level(5, 2, now()), partition=3)
    await trigger.read_until(now() + timedelta(seconds=1))
    assert await told(trigger) == []
    await trigger.receive(level(10, 1, ago(seconds=20), "cup"), level(5, 2, now(), "cup"), partition=3)
    await trigger.pool.execute("UPDATE fan_outs SET begins_at = begins_at - interval '2 s'")
    assert await told(trigger) == ["customer-a"]
    assert [item.sku for item in (await trigger.requested())[0].also_low or ()] == ["cup"]


async def test_what_falls_after_the_message_is_told_in_one_of_its_own(trigger: Trigger) -> None:
    """Story: the cups ran low ten seconds after the tea. Nobody was told of them, and they were silent for a day."""
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1, "pot": 1}))
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["customer-a"]
    for sku in ("cup", "pot"):
        await falls(trigger, 10, 5, sku=sku)
    assert await told(trigger) == ["customer-a"] * 2
    first, second = await trigger.requested()
    assert (first.sku, first.also_low) == ("tea", None)
    assert {second.sku, *(item.sku for item in second.also_low or ())} == {"cup", "pot"}
    assert await reasons(trigger) == {"tea": "low_stock", "cup": "low_stock", "pot": "told_together"}


async def reasons(trigger: Trigger) -> dict[str, str]:
    rows = await trigger.pool.fetch("SELECT sku, reason FROM decisions ORDER BY decided_at")
    return {row["sku"]: row["reason"] for row in rows}


async def test_what_was_named_cools_down_and_what_was_not_does_not(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1, "pot": 1}))
    await falls(trigger, 10, 5)
    await falls(trigger, 10, 5, sku="cup")
    assert await told(trigger) == ["customer-a"]
    await trigger.pool.execute("UPDATE decisions SET due_at = due_at - interval '2 min'")
    for sku in ("cup", "pot"):
        await falls(trigger, 20, 5, version=5, sku=sku)
    assert await told(trigger) == ["customer-a"] * 2
    assert (await trigger.requested())[1].sku == "pot"
    assert await reasons(trigger) == {"tea": "low_stock", "cup": "cooling_down", "pot": "low_stock"}


async def test_a_message_names_nothing_that_another_one_told_of_just_now(trigger: Trigger) -> None:
    """The other one goes on telling its holders."""
    await trigger.receive(added("a", 1, ago(minutes=1), {"tea": 1, "cup": 1, "pot": 1}))
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50)) for n in range(11)))
    await falls(trigger, 10, 5)
    await falls(trigger, 10, 5, sku="pot")
    assert await trigger.timers.fan_out()
    assert [r.sku for r in await trigger.requested() if r.customer_id == "customer-a"] == ["tea"]
    await falls(trigger, 10, 5, sku="cup")
    await told(trigger)
    _, second = [r for r in await trigger.requested() if r.customer_id == "customer-a"]
    assert (second.sku, second.also_low) == ("cup", None)


async def test_what_a_release_of_before_decided_names_all_that_fell_with_it(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["customer-a"]
    await trigger.pool.execute("UPDATE decisions SET named = NULL")
    await falls(trigger, 10, 5, sku="cup")
    assert await told(trigger) == ["customer-a"]


async def test_another_campaign_s_items_are_not_named(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    await falls(trigger, 10, 5)
    await falls(trigger, 10, 5, sku="cup")
    await trigger.pool.execute("UPDATE fan_outs SET campaign = 'other' WHERE sku = 'cup'")
    assert await told(trigger) == ["customer-a"]
    assert [r.also_low for r in await trigger.requested()] == [None]


async def test_an_item_low_a_while_after_another_is_a_message_of_its_own(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=50), {"tea": 1, "cup": 1}))
    await trigger.receive(level(10, 1, ago(minutes=9)), level(5, 2, ago(minutes=8)), partition=3)
    await falls(trigger, 10, 5, sku="cup")
    assert await told(trigger) == ["customer-a", "customer-a"]


async def test_two_workers_at_once_make_one_message_of_two_items(trigger: Trigger, monkeypatch) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    await falls(trigger, 10, 5)
    await falls(trigger, 10, 5, sku="cup")
    both, claim = asyncio.Barrier(2), db.claim_fan_out

    async def claimed_by_both(connection: Connection) -> FanOut | None:
        found = await claim(connection)
        await both.wait()
        return found

    monkeypatch.setattr(db, "claim_fan_out", claimed_by_both)
    assert any(await asyncio.gather(trigger.timers.fan_out(), trigger.timers.fan_out()))
    monkeypatch.undo()
    await told(trigger)
    assert [r.customer_id for r in await trigger.requested()] == ["customer-a"]


async def test_several_levels_in_one_batch_and_again_are_one_crossing(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    batch = [level(10, 1, ago(seconds=9)), level(5, 2, ago(seconds=8)), level(4, 3, ago(seconds=7))]
    await trigger.receive(*batch)
    await trigger.receive(*batch)
    await trigger.read_until(now())
    assert await told(trigger) == ["customer-a"]


async def test_no_more_people_are_told_than_the_units_left_justify(trigger: Trigger) -> None:
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(25)))
    await falls(trigger, 10, 1)
    assert await told(trigger) == [f"customer-c{n}" for n in range(24, 14, -1)]


async def test_only_those_are_told_who_hold_it_still(trigger: Trigger) -> None:
    await trigger.receive(*(added(n, 1, ago(minutes=30)) for n in ("left", "bought", "stays", "long-ago")))
    await trigger.receive(added("guest", 1, ago(minutes=30), customer=None))
    await trigger.receive(removed("left", 2, ago(minutes=20), {"cup": 1}), ordered("bought", 2, ago(minutes=20)))
    await trigger.pool.execute(
        "UPDATE holdings SET touched_at = now() - interval '31 days' WHERE cart_id = $1", cart_id("long-ago")
    )
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["customer-stays"]


async def test_a_guest_who_logs_in_holds_as_a_customer(trigger: Trigger) -> None:
    await trigger.receive(added("g", 1, ago(minutes=30), customer=None), claimed("g", 2, ago(minutes=20)))
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["anna"]


async def test_nobody_is_told_before_the_carts_were_read_up_to_the_crossing(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await trigger.receive(level(10, 1, ago(seconds=30)), level(5, 2, ago(seconds=20)), partition=3)
    assert await told(trigger) == []
    await trigger.receive(ordered("a", 2, ago(seconds=25)))
    await trigger.read_until(now())
    assert await told(trigger) == []
    assert await states(trigger) == ["done"]


async def test_a_fan_out_waits_for_all_partitions_also_those_never_seen(trigger: Trigger, monkeypatch) -> None:
    """Story: the partition that held Anna's order had not been read at all yet, so nobody waited for it."""
    monkeypatch.setattr(trigger.consumer.inbox, "partitions", lambda _: frozenset(range(3)))
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await falls(trigger, 10, 5)
    assert await told(trigger) == []
    await trigger.read_until(now(), 0, 1)
    assert await told(trigger) == []
    await trigger.read_until(now(), 2)
    assert await told(trigger) == ["customer-a"]


async def test_a_fan_out_goes_on_after_a_crash_without_repeating(trigger: Trigger, monkeypatch) -> None:
    monkeypatch.setattr(fan_out_stretches, "PAGES", 1)
    await trigger.receive(*(added(f"c{n}", 1, ago(minutes=50 - n)) for n in range(25)))
    await falls(trigger, 10, 5)
    assert await trigger.timers.fan_out()

    async def dies(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(db, "move_fan_out", dies)
        with pytest.raises(ConnectionResetError):
            await trigger.timers.fan_out()
    assert len(await trigger.requested()) == 10
    await trigger.receive(added("c3", 2, ago(seconds=1), {"tea": 1, "cup": 1}))
    assert await told(trigger) == [f"customer-c{n}" for n in reversed(range(25))]


async def test_an_item_that_was_restocked_meanwhile_tells_nobody(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await falls(trigger, 10, 5, 20)
    assert await told(trigger) == []
    assert await states(trigger) == ["restocked"]


async def test_a_crossing_that_was_read_too_late_tells_nobody(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=9)))
    await trigger.receive(level(10, 1, ago(hours=8)), level(5, 2, ago(hours=7)), partition=3)
    await trigger.read_until(now())
    assert await told(trigger) == []
    assert await states(trigger) == ["expired"]


async def test_a_sold_out_item_tells_nobody(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await falls(trigger, 10, 0)
    assert await told(trigger) == []


async def test_a_crossing_before_the_campaign_was_switched_on_tells_nobody(trigger_dsn, pool, campaigns_dir) -> None:
    late = await make_trigger(trigger_dsn, pool, campaigns_dir, since=ago(seconds=5))
    await late.receive(added("a", 1, ago(minutes=5)))
    await falls(late, 10, 5)
    assert await told(late) == []
    assert await states(late) == []


async def test_a_campaign_that_is_taken_out_ends_its_jobs(trigger: Trigger, campaigns_dir) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await falls(trigger, 10, 5)
    (campaigns_dir / "default.yaml").write_text(THREE_STEPS[: THREE_STEPS.index("  - name: low_stock")])
    await trigger.campaigns.refresh()
    assert await told(trigger) == []
    assert await states(trigger) == ["switched_off"]


async def test_a_job_that_cannot_be_worked_on_stops_neither_timers_nor_other_jobs(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)), added("b", 1, ago(minutes=5), {"cup": 1}))
    await trigger.pool.execute("UPDATE holdings SET customer_id = '' WHERE cart_id = $1", cart_id("a"))  # no outbox key
    await falls(trigger, 10, 5)
    await falls(trigger, 10, 5, sku="cup")
    assert await told(trigger) == ["customer-b"]
    assert sorted(await states(trigger)) == ["done", "failed"]


async def test_many_holders_need_no_more_memory_than_few(trigger: Trigger, monkeypatch) -> None:
    """The page is what a fan-out holds; sixty pages need what six do."""
    monkeypatch.setattr(fan_outs, "PAGE", 100)

    async def peak(holders: int, sku: str) -> int:
        await trigger.pool.execute(
            """
            WITH made AS (
                INSERT INTO carts (cart_id, store_id, customer_id, version, quiet_since, units, total, decided_until,
                                   partition)
                SELECT gen_random_uuid(), 'shop', $2 || n, 1, now() - n * interval '1 ms', 1, 0, now(), 0
                FROM generate_series(1, $1::int) AS n
                RETURNING *
            )
            INSERT INTO holdings SELECT cart_id, $2, store_id, customer_id, 1, quiet_since FROM made
            """,
            holders,
            sku,
        )
        await falls(trigger, 10_000, sku=sku)
        await trigger.pool.execute("UPDATE stock_levels SET level = 10000 WHERE sku = $1", sku)
        await falls(trigger, 5, version=2, sku=sku)
        await trigger.pool.execute("UPDATE fan_outs SET remaining = 1000000 WHERE sku = $1", sku)
        tracemalloc.start()
        while await trigger.timers.fan_out():
            continue
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert await trigger.pool.fetchval("SELECT told FROM fan_outs WHERE sku = $1", sku) == holders
        return most

    await peak(100, "warm-up")
    few, many = await peak(600, "few"), await peak(6000, "many")
    assert many < 2 * few
