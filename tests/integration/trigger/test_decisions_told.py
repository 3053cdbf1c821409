"""Every decision about somebody goes out, also not to send; once in effect, and with what it rested on."""

import json
from pathlib import Path

from prometheus_client import REGISTRY

from libs.contracts.codec import decode
from libs.contracts.events import LowItem, ReminderDecided
from libs.runtime.ids import uuid7
from services.trigger.db.decisions import COPIED, copy_decisions, record_decisions
from services.trigger.domain.decision import Decision
from tests.integration.trigger.conftest import Trigger, ago, make_trigger, now
from tests.unit.trigger.making import THREE_STEPS, added, cleared


async def told(trigger: Trigger) -> list[ReminderDecided]:
    """What stands in the outbox of decisions, in order."""
    rows = await trigger.pool.fetch(
        "SELECT key, headers, value FROM outbox WHERE topic = 'reminder.decisions' ORDER BY id"
    )
    events = [decode(row["key"], json.loads(row["headers"]), row["value"]) for row in rows]
    return [event for event in events if isinstance(event, ReminderDecided)]


async def test_what_is_sent_and_what_is_not_goes_out_with_the_facts(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)), added("b", 1, ago(hours=9)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    found = {one.customer_id: one for one in await told(trigger)}
    assert {who: (one.outcome, one.reason) for who, one in found.items()} == {
        "customer-a": ("would_send", "idle"),
        "customer-b": ("skipped", "expired"),
    }
    sent = found["customer-a"]
    assert (sent.campaign, sent.step, sent.step_name) == ("abandoned_cart", 1, "abandoned_cart-email")
    assert (sent.total, sent.currency, sent.cart_version, sent.arm) == (1000, "EUR", 1, None)
    assert sent.campaign_version == trigger.campaigns.of("shop").version
    assert sent.event_id == sent.reminder_id
    assert {sent.reminder_id} == {one.reminder_id for one in await trigger.requested()}
    kept = await trigger.pool.fetchrow(
        "SELECT campaign_version, step_name, arm, total, currency FROM decisions WHERE reminder_id = $1",
        sent.reminder_id,
    )
    assert kept is not None
    assert tuple(kept) == (sent.campaign_version, sent.step_name, sent.arm, sent.total, sent.currency)


async def test_reading_the_same_again_tells_it_no_second_time(trigger: Trigger) -> None:
    events = (added("a", 1, ago(hours=2)), cleared("a", 2, ago(minutes=30)))
    await trigger.receive(*events)
    await trigger.pool.execute("TRUNCATE carts, holdings")
    await trigger.receive(*events)
    assert [one.reason for one in await told(trigger)] == ["idle"]


async def test_an_arm_that_is_told_nothing_is_told_of(trigger_dsn: str, pool, campaigns_dir: Path) -> None:
    """Story: a shop could not compare its arms, because its holdout was nowhere."""
    text = THREE_STEPS.replace("    steps:", "    split: {holdout: 99, arms: {all: 1}}\n    steps:", 1)
    (campaigns_dir / "default.yaml").write_text(text)
    trigger = await make_trigger(trigger_dsn, pool, campaigns_dir)
    await trigger.receive(*(added(str(n), 1, ago(hours=2)) for n in range(10)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    found = await told(trigger)
    assert len(found) == 10
    assert {(one.arm, one.reason) for one in found} <= {("holdout", "holdout"), ("all", "idle")}
    assert ("holdout", "holdout") in {(one.arm, one.reason) for one in found}


async def test_a_cart_without_a_recipient_is_counted_and_told_of_nowhere(trigger: Trigger) -> None:
    before = REGISTRY.get_sample_value("evercart_trigger_without_recipient_total") or 0
    await trigger.receive(added("a", 1, ago(days=3), customer=None), cleared("a", 2, ago(minutes=1)))
    assert await told(trigger) == []
    assert REGISTRY.get_sample_value("evercart_trigger_without_recipient_total") == before + 1


async def test_many_are_recorded_as_few_are(trigger: Trigger) -> None:
    """Many are copied, column by column, and few inserted."""
    one = Decision(
        uuid7(), "shop", "anna", "low_stock", "low_stock", 2, "sms", "low_stock", uuid7(), 3, now(), now(), "arm", None,
        "would_send", "low_stock", sku="item", also_low=(LowItem(sku="other", threshold=5),), price=990,
        step_name="last", total=1980, currency="EUR", order_id="order",
    )  # fmt: skip
    many = [one._replace(reminder_id=uuid7()) for _ in range(20)]
    async with trigger.pool.acquire() as connection:
        assert await record_decisions(connection, [one], lambda _: "v1") == set()
        await copy_decisions(connection, many, lambda _: "v1")
    rows = [dict(row) for row in await trigger.pool.fetch("SELECT * FROM decisions")]
    assert {row.pop("reminder_id") for row in rows} == {d.reminder_id for d in (one, *many)}
    few, *copied = ({name: row[name] for name in COPIED[1:]} for row in rows)
    assert None not in few.values()
    assert copied == [few] * len(many)
