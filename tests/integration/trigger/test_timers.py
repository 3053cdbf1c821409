"""Timers over a real database: armed by events, fired once, and only on facts."""

import asyncio
from datetime import timedelta

import pytest

from services.trigger import timers
from services.trigger.db import timers as db
from tests.integration.trigger.conftest import LONG_AGO, Trigger, ago, make_trigger, now
from tests.unit.trigger.making import added, cart_id, claimed, cleared, closed_otherwise, ordered


async def test_a_cart_that_goes_quiet_is_reminded_of_once(trigger: Trigger) -> None:
    quiet = ago(hours=1, seconds=5)
    await trigger.receive(added("a", 3, quiet))
    await trigger.read_until(now())
    assert await trigger.timers.fire() == 1
    assert await trigger.timers.fire() == 0
    (reminder,) = await trigger.requested()
    assert (reminder.cart_id, reminder.cart_version, reminder.step) == (cart_id("a"), 3, 1)
    assert (reminder.customer_id, reminder.channel, reminder.template) == ("customer-a", "email", "abandoned_cart")
    assert (reminder.quiet_since, reminder.due_at) == (quiet, quiet + timedelta(hours=1))
    assert reminder.expires_at == quiet + timedelta(hours=7)


async def test_after_the_first_step_the_timer_waits_for_the_second(trigger: Trigger) -> None:
    quiet = ago(hours=2)
    await trigger.receive(added("a", 1, quiet))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert await trigger.pool.fetchval("SELECT due_at FROM carts") == quiet + timedelta(hours=24)


async def test_a_change_moves_the_reminder(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=80)))
    await trigger.receive(added("a", 2, ago(minutes=30), {"tea": 2}))
    await trigger.read_until(now())
    assert await trigger.timers.fire() == 1
    assert await trigger.requested() == []
    due_at = await trigger.pool.fetchval("SELECT due_at FROM carts")
    assert now() + timedelta(minutes=29) < due_at < now() + timedelta(minutes=31)


async def test_a_change_leaves_the_armed_timer_alone(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=50)))
    armed = await trigger.pool.fetchval("SELECT due_at FROM carts")
    await trigger.receive(added("a", 2, ago(minutes=10)))
    assert await trigger.pool.fetchval("SELECT due_at FROM carts") == armed


@pytest.mark.parametrize(
    "event",
    [ordered, cleared, lambda *a: closed_otherwise("expired", *a), lambda *a: closed_otherwise("merged_away", *a)],
    ids=["ordered", "cleared", "expired", "merged_away"],
)
async def test_what_ends_the_idle_stretch_voids_the_reminder(trigger: Trigger, event) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    await trigger.receive(event("a", 2, ago(minutes=90)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert await trigger.requested() == []
    assert await trigger.pool.fetchval("SELECT due_at FROM carts") is None


async def test_an_outage_with_an_unread_order_fires_nothing(trigger: Trigger) -> None:
    """Reminded after buying, the commonest complaint of all (woocommerce-abandoned-cart#874)."""
    await trigger.receive(added("a", 1, ago(hours=2)))
    await trigger.read_until(ago(hours=1, minutes=59))  # the consumer died here; the order stands unread in Kafka
    assert await trigger.timers.fire() == 0
    await trigger.receive(ordered("a", 2, ago(minutes=90)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert await trigger.requested() == []


async def test_a_partition_that_lags_holds_back_its_own_timers_only(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)), partition=0)
    await trigger.receive(added("b", 1, ago(hours=2)), partition=1)
    await trigger.read_until(now(), 1)
    assert await trigger.timers.fire() == 1
    assert [r.cart_id for r in await trigger.requested()] == [cart_id("b")]


async def test_a_batch_moves_its_partition_to_its_newest_event(trigger: Trigger) -> None:
    first, last = ago(hours=3), ago(hours=1, minutes=30)
    await trigger.receive(added("a", 1, first), added("b", 1, last))
    assert await trigger.pool.fetchval("SELECT read_until FROM partition_progress") == last
    await trigger.timers.fire()
    assert [r.cart_id for r in await trigger.requested()] == [cart_id("a")]


async def test_progress_never_moves_backwards(trigger: Trigger) -> None:
    await trigger.read_until(ago(minutes=1))
    await trigger.receive(added("a", 1, ago(hours=5)))
    assert await trigger.pool.fetchval("SELECT read_until FROM partition_progress") > ago(minutes=2)


async def test_an_event_from_the_future_does_not_open_the_gate(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, now() + timedelta(hours=9)))
    assert await trigger.pool.fetchval("SELECT read_until FROM partition_progress") <= now()


async def test_a_late_order_voids_the_steps_that_are_left(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=23)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    await trigger.receive(ordered("a", 2, ago(hours=22)))
    await trigger.pool.execute("UPDATE carts SET due_at = now() - interval '1 minute'")
    await trigger.timers.fire()
    assert [r.step for r in await trigger.requested()] == []
    assert await trigger.reasons() == {1: "expired"}


@pytest.mark.parametrize("batches", [1, 2])
async def test_a_step_due_before_a_change_is_decided_however_late_it_is_read(trigger: Trigger, batches: int) -> None:
    """What is decided hangs on the facts alone: the backtest over them says the same. The last look then cancels."""
    events = [added("a", 1, ago(hours=2)), added("a", 2, ago(minutes=30))]
    for batch in (events,) if batches == 1 else ([one] for one in events):
        await trigger.receive(*batch)
    assert [(r.cart_version, r.step) for r in await trigger.requested()] == [(1, 1)]
    await trigger.receive(*events)
    await trigger.timers.fire()
    assert len(await trigger.requested()) == 1


async def test_duplicates_and_older_events_change_nothing(trigger: Trigger) -> None:
    events = [added("a", 1, ago(hours=2)), added("a", 2, ago(minutes=100)), ordered("b", 4, ago(minutes=100))]
    await trigger.receive(*events)
    before = await trigger.pool.fetch("SELECT * FROM carts ORDER BY cart_id")
    await trigger.receive(*events)
    await trigger.receive(*reversed(events))
    await trigger.receive(added("b", 9, ago(minutes=5)))
    assert await trigger.pool.fetch("SELECT * FROM carts ORDER BY cart_id") == before


async def test_a_crash_between_fire_and_commit_repeats_nothing(trigger: Trigger, monkeypatch) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    await trigger.read_until(now())

    async def dies(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(db, "rearm", dies)
        with pytest.raises(ConnectionResetError):
            await trigger.timers.fire()
    assert await trigger.requested() == []
    assert await trigger.timers.fire() == 1
    assert len(await trigger.requested()) == 1


async def test_a_step_decided_before_is_not_asked_for_again(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    await trigger.pool.execute("UPDATE carts SET due_at = quiet_since, decided_until = quiet_since")
    assert await trigger.timers.fire() == 1
    assert len(await trigger.requested()) == 1


async def test_two_workers_share_the_due_and_fire_each_once(trigger: Trigger, monkeypatch) -> None:
    monkeypatch.setattr(timers, "BATCH", 7)
    await trigger.receive(*(added(f"c{n}", 1, ago(hours=2)) for n in range(100)))
    await trigger.read_until(now())

    async def drain() -> int:
        done = 0
        while fired := await trigger.timers.fire():
            done += fired
        return done

    assert sum(await asyncio.gather(drain(), drain(), drain())) == 100
    ids = [r.reminder_id for r in await trigger.requested()]
    assert len(ids) == len(set(ids)) == 100


async def test_a_cart_that_cannot_be_decided_on_does_not_stop_the_others(trigger: Trigger) -> None:
    await trigger.receive(*(added(n, 1, ago(hours=2)) for n in "abc"))
    await trigger.pool.execute("UPDATE carts SET customer_id = '' WHERE cart_id = $1", cart_id("b"))  # no outbox key
    await trigger.read_until(now())
    assert await trigger.timers.fire() == 3
    assert {r.cart_id for r in await trigger.requested()} == {cart_id("a"), cart_id("c")}
    assert await trigger.timers.fire() == 0


async def test_after_an_outage_stale_steps_expire_instead_of_going_out_together(trigger: Trigger) -> None:
    """After an outage everything is sent at once (FiercePhish#52)."""
    await trigger.receive(added("a", 1, ago(hours=25)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert [(r.step, r.channel) for r in await trigger.requested()] == [(2, "sms")]
    assert await trigger.reasons() == {1: "expired", 2: "idle"}


async def test_a_guest_is_reminded_only_after_logging_in(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=4), customer=None))
    await trigger.read_until(now())
    assert await trigger.timers.fire() == 0
    await trigger.receive(claimed("a", 2, ago(hours=2)))
    await trigger.timers.fire()
    assert [(r.customer_id, r.cart_version) for r in await trigger.requested()] == [("anna", 2)]


async def test_switching_a_campaign_on_mails_nobody_with_an_old_cart(trigger_dsn, pool, campaigns_dir) -> None:
    """Switching the campaign on mailed everybody with an old cart (odoo#201179)."""
    late = await make_trigger(trigger_dsn, pool, campaigns_dir, since=ago(minutes=90))
    await late.receive(added("old", 1, ago(hours=2)), added("new", 1, ago(minutes=80)))
    await late.read_until(now())
    await late.timers.fire()
    assert [r.cart_id for r in await late.requested()] == [cart_id("new")]


async def test_a_store_with_a_new_file_keeps_what_was_on_for_all_stores(trigger_dsn, pool, campaigns_dir) -> None:
    await make_trigger(trigger_dsn, pool, campaigns_dir)
    (campaigns_dir / "shop.yaml").write_text((campaigns_dir / "default.yaml").read_text())
    again = await make_trigger(trigger_dsn, pool, campaigns_dir, since=now())
    await again.receive(added("a", 1, ago(hours=2)))
    await again.read_until(now())
    await again.timers.fire()
    assert len(await again.requested()) == 1
    assert {since for _, since in again.campaigns.of("shop").on_carts} == {LONG_AGO}
