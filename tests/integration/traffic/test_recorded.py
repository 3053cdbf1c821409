"""Story: a shop tries a campaign on what has happened in it, as Kafka still holds it; nobody else notices."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka import TopicPartition
from typer.testing import CliRunner

from deploy.cli import app
from libs.contracts.codec import encode
from libs.contracts.events import CartEvent, Event, MessageBounced, OrderPlaced, ProductViewed, StoreDescribed
from libs.contracts.topics import CART_EVENTS, named
from libs.inbox.recorded import Recorded
from libs.kafka.clients import producer
from services.trigger.domain.decision import episode_reminder_id
from services.trigger.domain.facts import TRIED_ON
from tests.unit.trigger.making import (
    STORE,
    added,
    after,
    cart_id,
    clicked,
    costs,
    level,
    ordered,
    prices,
    reached,
    watched,
)
from tests.unit.trigger.saving import saved

CAMPAIGNS = """\
campaigns:
- name: cart
  kind: abandoned_cart
  steps: [{name: nudge, delay: 1h, channel: email, template: t}]
"""
EVENTS = [
    added("a"),
    added("b", at=after(minutes=1)),
    added("a", 2, after(minutes=30), {"tea": 2}),
    ordered("b", 2, after(minutes=40)),
    added("c", at=after(hours=3)),
]


async def publish(kafka: str, prefix: str, events: list[CartEvent]) -> None:
    """Each cart in a partition of its own, one cart after the other and not in order of time, with what is not ours."""
    sender = producer(kafka)
    await sender.start()
    try:
        for event in sorted(events, key=lambda one: str(one.cart_id)):
            place = TopicPartition(prefix + CART_EVENTS.name, event.cart_id.int % CART_EVENTS.partitions)
            for told in (event, event.model_copy(update={"store_id": "another"})):
                record = encode(told, "/evercart/cart")
                headers = [(name, value.encode()) for name, value in record.headers.items()]
                await sender.send_and_wait(
                    place.topic, record.value, record.key.encode(), place.partition, headers=headers
                )
        await sender.send_and_wait(prefix + CART_EVENTS.name, b"{", b"x", 0, headers=[("ce_type", b"cart.line_added")])
    finally:
        await sender.stop()


async def found(recorded: Recorded) -> list[Event]:
    return [event async for event in recorded.events()]


async def test_events_of_a_store_come_in_order_of_time(kafka: str, topic_prefix: str) -> None:
    await publish(kafka, topic_prefix, EVENTS)
    recorded = Recorded(kafka, topic_prefix, STORE, TRIED_ON)
    assert await found(recorded) == EVENTS
    assert recorded.unreadable == 1
    assert await found(Recorded(kafka, topic_prefix, "nobody's", TRIED_ON)) == []
    assert await found(Recorded(kafka, topic_prefix, STORE, TRIED_ON, datetime.now(UTC) - timedelta(hours=1))) == EVENTS
    assert await found(Recorded(kafka, topic_prefix, STORE, TRIED_ON, datetime.now(UTC) + timedelta(hours=1))) == []


OF_ALL_KINDS = """\
segments: {new: {orders: 0}}
campaigns:
- {name: cart, kind: abandoned_cart, enter: {segment: new}, steps: [{delay: 1h, channel: email, template: t}]}
- {name: low, kind: low_stock, steps: [{channel: sms, template: t}]}
- {name: price, kind: price_drop, steps: [{channel: email, template: t}]}
- {name: thanks, kind: post_purchase, steps: [{delay: 2d, channel: email, template: t}]}
- {name: back, kind: win_back, steps: [{delay: 3d, channel: email, template: t}]}
"""


def placed(order_id: str, customer: str, at: datetime) -> OrderPlaced:
    facts = {"order_id": order_id, "store_id": STORE, "customer_id": customer}
    return OrderPlaced.model_validate({"event_id": cart_id(order_id), "occurred_at": at, **facts})


ALL_KINDS: list[Event] = [
    reached("customer-c", email=False, sms=False),
    level(9, 1),
    prices(1, costs(1000)),
    placed("o-1", "customer-a", after(minutes=1)),
    added("a", at=after(minutes=2)),
    added("b", at=after(minutes=3)),
    added("c", at=after(minutes=4)),
    level(3, 2, after(hours=2)),
    prices(2, costs(800), at=after(hours=3)),
    added("d", at=after(days=4)),
]


async def publish_each(kafka: str, prefix: str, events: list[Event]) -> None:
    """As services do, each under its own key on its own topic."""
    sender = producer(kafka)
    await sender.start()
    try:
        for event in events:
            record = encode(event, "/evercart/test")
            headers = [(name, value.encode()) for name, value in record.headers.items()]
            name = prefix + named(event.topic).name
            await sender.send_and_wait(name, record.value, record.key.encode(), headers=headers)
    finally:
        await sender.stop()


def test_orders_levels_prices_and_reach_are_decided_on(kafka: str, topic_prefix: str, tmp_path: Path) -> None:
    """Story: over what Kafka held, nobody had ever ordered anything, and nothing ever ran low."""
    asyncio.run(publish_each(kafka, topic_prefix, ALL_KINDS))
    (tmp_path / "shop.yaml").write_text(OF_ALL_KINDS)
    words = ["--campaigns", str(tmp_path / "shop.yaml"), "--out", str(tmp_path / "out.jsonl"), "--store", STORE]
    result = CliRunner().invoke(app, ["backtest", *words, "--kafka", kafka, "--topic-prefix", topic_prefix])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {(one["campaign"], one["customer_id"], one["reason"]) for one in lines} == {
        ("cart", "customer-a", "not_in_segment"),
        ("cart", "customer-b", "idle"),
        ("cart", "customer-c", "unreachable"),
        *(("low", f"customer-{name}", "low_stock") for name in "ab"),
        *(("price", f"customer-{name}", "price_drop") for name in "ab"),
        *((campaign, "customer-c", "unreachable") for campaign in ("low", "price")),
        ("thanks", "customer-a", "post_purchase"),
        ("back", "customer-a", "win_back"),
    }


def test_the_command_reads_them_and_commits_nothing(kafka: str, topic_prefix: str, tmp_path: Path) -> None:
    asyncio.run(publish(kafka, topic_prefix, EVENTS))
    (tmp_path / "shop.yaml").write_text(CAMPAIGNS)
    words = ["--campaigns", str(tmp_path / "shop.yaml"), "--out", str(tmp_path / "out.jsonl"), "--since", "1d"]
    result = CliRunner().invoke(
        app, ["backtest", *words, "--kafka", kafka, "--topic-prefix", topic_prefix, "--store", STORE]
    )
    assert result.exit_code == 0, result.output
    assert "1 records could not be read" in result.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(one["customer_id"], one["due_at"], one["reason"]) for one in lines] == [
        ("customer-a", "2026-03-01T13:00:00Z", "cart_changed"),
        ("customer-b", "2026-03-01T13:01:00Z", "ordered"),
        ("customer-a", "2026-03-01T13:30:00Z", "idle"),
    ]


def test_brokers_that_are_not_there_and_times_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(CAMPAIGNS)
    words = ["backtest", "--campaigns", str(tmp_path / "shop.yaml"), "--out", str(tmp_path / "out.jsonl")]
    away = CliRunner().invoke(app, [*words, "--kafka", "127.0.0.1:1"])
    assert (away.exit_code, away.stderr.splitlines()[-1][:32]) == (1, "evercart: 127.0.0.1:1 can't be a")
    assert CliRunner().invoke(app, [*words, "--kafka", "127.0.0.1:1", "--since", "soon"]).exit_code == 2
    nobody = CliRunner().invoke(app, [*words, "--state", str(tmp_path)])
    assert (nobody.exit_code, nobody.stderr) == (1, "evercart: No stack runs; `evercart up` starts one.\n")
    assert not (tmp_path / "out.jsonl").exists()


WAITING = """\
campaigns:
- name: cart
  kind: abandoned_cart
  exit_on: [{message.clicked: 2h}]
  steps: [{delay: 1h, channel: email, template: t}]
- {name: back, kind: back_in_stock, steps: [{channel: email, template: t}]}
- {name: looked, kind: browse, steps: [{delay: 1h, channel: email, template: t}]}
"""


def looked(customer: str) -> ProductViewed:
    facts = {"event_id": cart_id(f"look {customer}"), "store_id": STORE, "occurred_at": after(minutes=5)}
    return ProductViewed(**facts, customer_id=customer, skus=("jam",))


def test_watches_saved_lines_views_and_clicks_are_known(kafka: str, topic_prefix: str, tmp_path: Path) -> None:
    """Story: over what Kafka held, nobody had ever waited for anything, looked at anything or clicked."""
    told = [level(0, 1), watched("w", after(minutes=1)), saved("s", 2, after(minutes=2), "tea"), looked("customer-v")]
    told += [
        added("a", at=after(minutes=10), holds={"cup": 1}),
        clicked(at=after(minutes=30)),
        level(9, 2, after(hours=3)),
    ]
    asyncio.run(publish_each(kafka, topic_prefix, [*told, added("z", at=after(hours=4))]))
    (tmp_path / "shop.yaml").write_text(WAITING)
    words = ["--campaigns", str(tmp_path / "shop.yaml"), "--out", str(tmp_path / "out.jsonl"), "--store", STORE]
    result = CliRunner().invoke(app, ["backtest", *words, "--kafka", kafka, "--topic-prefix", topic_prefix])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(one["campaign"], one["customer_id"], one["reason"]) for one in lines] == [
        ("looked", "customer-v", "browse"),
        ("cart", "customer-a", "clicked"),
        ("back", "customer-w", "back_in_stock"),
        ("back", "customer-s", "back_in_stock"),
    ]


def of_store(zone: str = "UTC", version: int = 1, **messages: object) -> StoreDescribed:
    facts = {"event_id": cart_id(f"store {version}"), "occurred_at": after(days=30), "store_id": STORE}
    told = {"email_from": "a@shop.example"} | messages
    return StoreDescribed.model_validate(
        facts | {"store_version": version, "name": "Shop", "time_zone": zone, "messages": told}
    )


def bounced(name: str, at: datetime) -> MessageBounced:
    """What is told of the reminder of that customer's cart, as the notifier tells it."""
    place = ("abandoned_cart", STORE, "cart", cart_id(name), 1, "nudge")
    facts = {"event_id": cart_id(f"bounce {name}"), "occurred_at": at, "store_id": STORE, "step": 1}
    facts |= {"reminder_id": episode_reminder_id(*place), "customer_id": f"customer-{name}", "campaign": "cart"}
    return MessageBounced.model_validate(facts | {"kind": "abandoned_cart", "channel": "email", "weight": "hard"})


def test_the_store_s_rules_and_what_came_to_nothing_then_count_unless_they_are_left_out(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    """Story: a's first e-mail is put off and b's bounced; whoever tries it without the rules is told of all four."""
    told: list[Event] = [of_store(), of_store(version=2, email_cap_hours=2, quiet_hours="13:00-14:00")]
    told += [added("a"), added("b"), bounced("b", after(hours=2)), added("a", 2, after(minutes=150), {"tea": 2})]
    told += [added("b", 2, after(hours=3), {"tea": 2}), added("z", at=after(hours=9))]
    asyncio.run(publish_each(kafka, topic_prefix, told))
    (tmp_path / "shop.yaml").write_text(CAMPAIGNS)
    words = ["--campaigns", str(tmp_path / "shop.yaml"), "--out", str(tmp_path / "out.jsonl"), "--store", STORE]
    words += ["--kafka", kafka, "--topic-prefix", topic_prefix]
    assert CliRunner().invoke(app, ["backtest", *words]).exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    found = sorted((one["customer_id"], one["cart_version"], one["reason"], one.get("sent_at")) for one in lines)
    assert found == [
        ("customer-a", 1, "idle", "2026-03-01T14:00:00Z"),
        ("customer-a", 2, "idle", "2026-03-01T16:00:00Z"),
        ("customer-b", 1, "undeliverable", None),
        ("customer-b", 2, "suppressed", None),
    ]
    assert CliRunner().invoke(app, ["backtest", *words, "--no-caps"]).exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {one["reason"] for one in lines} == {"idle"}
    assert not any("sent_at" in one for one in lines)
    refused = CliRunner().invoke(app, ["backtest", *words, "--no-caps", "--caps", str(tmp_path / "shop.yaml")])
    assert refused.exit_code == 2
