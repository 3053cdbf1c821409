"""Who is in which arm, and how often somebody enters, over a real database and several processes."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from services.trigger.domain.participation import HOLDOUT
from services.trigger.timers import KEEP_PARTICIPANTS
from tests.integration.trigger.conftest import Trigger, ago, make_trigger, now
from tests.integration.trigger.test_erasure import request
from tests.integration.trigger.test_explain import told
from tests.unit.trigger.making import added, level

CAMPAIGNS = """
campaigns:
  - name: cart
    kind: abandoned_cart
    split: {holdout: 50, arms: {a: 25, b: 25}}
    reenter: {most: 1, per: 30d}
    steps:
      - {name: offer, delay: 1h, channel: email, template: b, when: {arm: b}}
      - {name: nudge, delay: 3h, channel: email, template: a}
  - name: low
    kind: low_stock
    split: {holdout: 50}
    steps: [{channel: sms, template: low_stock}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "campaigns"
    folder.mkdir()
    (folder / "default.yaml").write_text(CAMPAIGNS)
    return folder


async def outcomes(trigger: Trigger) -> set[tuple[str, str]]:
    return {(r["customer_id"], r["reason"]) for r in await trigger.pool.fetch("SELECT * FROM decisions")}


async def test_arms_are_recorded_and_the_holdout_is_told_nothing(trigger: Trigger) -> None:
    people = [f"customer-{number}" for number in range(40)]
    await trigger.receive(*(added(who, 1, ago(hours=2), customer=who) for who in people))
    await trigger.read_until(now())
    while await trigger.timers.fire():
        continue
    arms = {r["customer_id"]: r["arm"] for r in await trigger.pool.fetch("SELECT customer_id, arm FROM participants")}
    assert set(arms) == set(people)
    assert set(arms.values()) == {HOLDOUT, "a", "b"}
    asked = {(one.customer_id, one.template, one.variant) for one in await trigger.requested()}
    assert asked == {(who, "b", "b") for who, arm in arms.items() if arm == "b"}
    reasons = {HOLDOUT: "holdout", "a": "other_arm", "b": "idle"}
    assert await outcomes(trigger) == {(who, reasons[arm]) for who, arm in arms.items()}


async def test_explain_goes_by_the_recorded_arm(trigger: Trigger) -> None:
    """Anna would be drawn into one arm, and has another since the file was different."""
    for arm, reasons in (("a", ["other_arm", "planned"]), (HOLDOUT, ["holdout", "holdout"])):
        await trigger.pool.execute("DELETE FROM participants")
        await trigger.pool.execute(
            "INSERT INTO participants (store_id, campaign, customer_id, arm) VALUES ('shop', 'cart', 'anna', $1)", arm
        )
        await trigger.receive(added("x", 1, ago(minutes=9), customer="anna"))
        (cart,) = (await told(trigger, "customer=anna"))["carts"]
        assert [one["reason"] for one in cart["ahead"]] == reasons


async def test_a_recorded_arm_stands_when_the_file_changes(trigger: Trigger, campaigns_dir: Path) -> None:
    await trigger.pool.execute(
        "INSERT INTO participants (store_id, campaign, customer_id, arm) VALUES ('shop', 'cart', 'anna', 'b')"
    )
    text = CAMPAIGNS.replace("{a: 25, b: 25}", "{a: 49, b: 1}")
    (campaigns_dir / "default.yaml").write_text(text)
    await trigger.campaigns.refresh()
    await trigger.receive(added("a", 1, ago(hours=2), customer="anna"))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert [one.variant for one in await trigger.requested()] == ["b"]


async def test_one_customer_s_carts_are_decided_on_one_after_the_other(trigger: Trigger, campaigns_dir: Path) -> None:
    (campaigns_dir / "default.yaml").write_text(
        CAMPAIGNS.replace("    split: {holdout: 50, arms: {a: 25, b: 25}}\n", "").replace(", when: {arm: b}", "")
    )
    await trigger.campaigns.refresh()
    for number in range(12):
        await trigger.receive(added(f"cart-{number}", 1, ago(hours=2), customer="anna"), partition=number)
    await trigger.read_until(now(), *range(12))
    others = [await make_trigger(trigger.settings.database_url.get_secret_value(), trigger.pool, campaigns_dir)]
    await asyncio.gather(*(one.timers.fire() for one in (trigger, *others)))
    while await trigger.timers.fire():
        continue
    reasons = [r["reason"] for r in await trigger.pool.fetch("SELECT reason FROM decisions")]
    assert sorted(reasons) == ["idle"] + ["reentered_too_soon"] * 11, "one of twelve carts"
    assert len({one.cart_id for one in await trigger.requested()}) == 1


async def test_a_step_that_a_change_has_overtaken_is_decided_by_the_same_rules(trigger: Trigger) -> None:
    await trigger.pool.execute(
        "INSERT INTO participants (store_id, campaign, customer_id, arm) VALUES ('shop', 'cart', 'anna', 'holdout')"
    )
    await trigger.receive(added("a", 1, ago(hours=2), customer="anna"))
    await trigger.receive(added("a", 2, ago(minutes=30), {"tea": 2}, customer="anna"))
    assert await outcomes(trigger) == {("anna", "holdout")}
    assert await trigger.requested() == []


async def test_the_holdout_of_low_stock_is_told_nothing_either(trigger: Trigger) -> None:
    people = [f"customer-{number}" for number in range(20)]
    await trigger.receive(*(added(who, 1, ago(minutes=30), customer=who) for who in people))
    await trigger.receive(level(50, 1, ago(minutes=20)), level(5, 2, ago(minutes=10)))
    await trigger.read_until(now())
    while await trigger.timers.fan_out():
        continue
    arms = {
        r["customer_id"]: r["arm"]
        for r in await trigger.pool.fetch("SELECT customer_id, arm FROM participants WHERE campaign = 'low'")
    }
    assert set(arms.values()) == {HOLDOUT, "treatment"}
    assert {one.customer_id for one in await trigger.requested()} == {
        who for who, arm in arms.items() if arm == "treatment"
    }


async def test_who_was_only_looked_at_is_erased_and_cleared_away(trigger: Trigger) -> None:
    """Story: a timer came due after an erasure was asked for; a row named the erased customer for 400 days."""
    await trigger.receive(*(added(who, 1, ago(hours=2), customer=who) for who in ("anna", "ben")))
    await trigger.read_until(now())
    await trigger.timers.fire()
    looked_at = "SELECT array_agg(DISTINCT customer_id) FROM participants WHERE campaign = 'low'"
    assert await trigger.pool.fetchval(looked_at) == ["anna", "ben"]
    await trigger.receive(request("anna", at=ago(minutes=1)))
    assert await trigger.pool.fetchval("SELECT count(*) FROM participants WHERE customer_id = 'anna'") == 0
    await trigger.timers._forget()
    assert await trigger.pool.fetchval(looked_at) is None


async def test_who_has_not_entered_for_long_is_new(trigger: Trigger) -> None:
    for who, entered_at in (("old", now() - KEEP_PARTICIPANTS - timedelta(days=1)), ("new", now())):
        await trigger.pool.execute(
            "INSERT INTO participants (store_id, campaign, customer_id, entered_at) VALUES ('shop', 'cart', $1, $2)",
            who,
            entered_at,
        )
    await trigger.timers._forget()
    assert await trigger.pool.fetchval("SELECT array_agg(customer_id) FROM participants") == ["new"]
