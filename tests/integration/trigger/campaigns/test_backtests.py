"""A store tries a draft on its own events: asked for once, worked on within bounds, cancelled, kept for a while."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition

from libs.contracts.codec import encode
from libs.contracts.events import CartEvent, Event, ReachSet, StoreDescribed
from libs.contracts.topics import named
from libs.kafka.clients import producer
from libs.runtime.ids import uuid7
from services.trigger import backtests as work
from services.trigger.backtests import Backtests
from services.trigger.web.backtest_schemas import Backtest, BacktestDetails, BacktestList
from tests.integration.trigger.campaigns.test_campaigns_by_api import ONE, READER, STEP, ask
from tests.integration.trigger.conftest import Trigger, ago
from tests.support.answers import as_documented
from tests.support.eventually import eventually
from tests.unit.trigger.making import added

PATH = "/v1/stores/shop/backtests"
LATER: dict[str, Any] = {"campaigns": [{"name": "cart", "kind": "abandoned_cart", "steps": [STEP | {"delay": "2h"}]}]}


def worker(trigger: Trigger, kafka: str = "127.0.0.1:9", prefix: str = "", **bounds: Any) -> Backtests:
    changes = {"kafka_bootstrap": kafka, "topic_prefix": prefix, "poll_seconds": 0.05}
    settings = trigger.settings.model_copy(update=changes)
    return Backtests(settings, trigger.pool, trigger.campaigns, **bounds)


async def asked(trigger: Trigger, document: Any = LATER, **query: Any) -> httpx.Response:
    return await ask(trigger, "POST", f"{PATH}?days={query.get('days', 7)}", document)


async def one(trigger: Trigger, backtest_id: str) -> dict[str, Any]:
    answer = await ask(trigger, "GET", f"{PATH}/{backtest_id}", secret=READER)
    assert as_documented(answer.content, BacktestDetails)
    return dict(answer.json())


async def publish(kafka: str, prefix: str, events: Sequence[Event]) -> None:
    sender = producer(kafka)
    await sender.start()
    try:
        for event in events:
            record = encode(event, "/evercart/cart")
            topic = named(event.topic)
            number = event.cart_id.int % topic.partitions if isinstance(event, CartEvent) else 0
            place = TopicPartition(prefix + topic.name, number)
            headers = [(name, value.encode()) for name, value in record.headers.items()]
            await sender.send_and_wait(place.topic, record.value, record.key.encode(), place.partition, headers=headers)
    finally:
        await sender.stop()


async def test_a_draft_is_tried_on_what_kafka_holds_beside_what_is_in_force(
    trigger: Trigger, kafka: str, topic_prefix: str
):
    events = [
        added(name, at=ago(hours=hours)).model_copy(update={"store_id": "shop"})
        for name, hours in (("a", 30), ("b", 1.5))
    ]
    await publish(kafka, topic_prefix, events)
    await ask(trigger, "PUT", "/v1/stores/shop/campaigns", ONE)
    answer = await asked(trigger)
    assert answer.status_code == 202, answer.text
    assert as_documented(answer.content, Backtest)
    assert (answer.json()["state"], answer.json()["asked_by"]) == ("waiting", "deploys")
    await worker(trigger, kafka, topic_prefix).round()
    found = await one(trigger, answer.json()["backtest_id"])
    assert (found["state"], found["reason"], found["said"]) == ("done", None, LATER)
    result = found["result"]
    assert (result["events"], result["unreadable"], result["short"]) == (2, 0, True)
    assert result["rules"] is None, "nothing was told of the store"
    assert [step["messages"] for step in result["live"]["steps"]] == [2]
    assert [step["messages"] for step in result["draft"]["steps"]] == [1], "b's falls due in half an hour"
    assert result["differ"] == {"messages": 2, "people": 2, "added": 0, "dropped": 0, "moved": 1, "open": 1}
    listed = await ask(trigger, "GET", PATH, secret=READER)
    assert as_documented(listed.content, BacktestList)
    assert [row["state"] for row in listed.json()["backtests"]] == ["done"]


async def test_the_store_s_rules_and_reach_count_as_when_sending(trigger: Trigger, kafka: str, topic_prefix: str):
    """Of the draft's e-mails b's is out of reach, and c's second one comes within the cap."""
    described = StoreDescribed.model_validate(
        {"event_id": uuid7(), "occurred_at": ago(), "store_id": "shop", "store_version": 1, "name": "Shop"}
        | {"messages": {"email_from": "a@shop.example", "email_cap_hours": 40, "quiet_hours": ""}}
    )
    of_b = {"event_id": uuid7(), "occurred_at": ago(hours=40), "store_id": "shop", "customer_id": "customer-b"}
    carts = [("a", 30, 1), ("b", 30, 1), ("c", 30, 1), ("c", 20, 2)]
    events: list[Event] = [
        described,
        ReachSet(**of_b, reach_version=1, email=False, sms=True),
        *(added(name, version, ago(hours=hours), {"tea": version}) for name, hours, version in carts),
    ]
    await publish(kafka, topic_prefix, [one.model_copy(update={"store_id": "shop"}) for one in events])
    await ask(trigger, "PUT", "/v1/stores/shop/campaigns", ONE)
    backtest_id = (await asked(trigger)).json()["backtest_id"]
    await worker(trigger, kafka, topic_prefix).round()
    result = (await one(trigger, backtest_id))["result"]
    assert result["rules"] == {"cap_hours": {"email": 40, "sms": 0}, "quiet_hours": None, "laws": False}
    for side in ("live", "draft"):
        assert result[side]["messages"] == 2, side
        assert result[side]["held_back"] == {"frequency_cap": 1, "unreachable": 1}, side


async def test_a_store_has_one_at_a_time_and_another_store_is_not_in_its_way(trigger: Trigger):
    first = (await asked(trigger)).json()["backtest_id"]
    second = await asked(trigger)
    assert (second.status_code, second.json()["backtest_id"]) == (409, first)
    assert second.json()["type"].endswith("backtest-under-way")
    other = "sk_of_ops_0123456789abcdefg"
    assert (await ask(trigger, "POST", "/v1/stores/other/backtests", LATER, secret=other)).status_code == 202
    assert (await ask(trigger, "GET", f"/v1/stores/other/backtests/{first}", secret=other)).status_code == 404
    assert (await ask(trigger, "DELETE", f"/v1/stores/other/backtests/{first}", secret=other)).status_code == 404
    assert (await one(trigger, first))["state"] == "waiting"
    gone = await ask(trigger, "DELETE", f"{PATH}/{first}")
    assert gone.json()["state"] == "cancelled"
    assert (await asked(trigger)).status_code == 202
    assert (await ask(trigger, "DELETE", f"{PATH}/{first}")).json()["state"] == "cancelled", "it stays as it is"


async def test_who_may_not_and_what_can_t_be_read_is_refused(trigger: Trigger):
    assert (await ask(trigger, "POST", PATH, LATER, secret=READER)).status_code == 403
    faulty = await asked(trigger, {"campaigns": [{"name": "x", "kind": "no_such"}]})
    assert (faulty.status_code, faulty.json()["errors"][0]["pointer"]) == (422, "/campaigns/0")
    for days in (0, 31, "x"):
        assert (await asked(trigger, days=days)).status_code == 422
    assert (await ask(trigger, "GET", PATH, secret=READER)).json() == {"backtests": []}


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that says how far it is, and goes on for ever."""
    says = 'import json, time; print(json.dumps({"events": 7, "reached": "2026-12-01T00:00:00+00:00"}), flush=True)'
    monkeypatch.setattr(work, "_WORDS", (work._WORDS[0], "-c", f"{says}; time.sleep(600)"))


async def test_one_that_is_cancelled_ends_its_process_and_says_how_far_it_was(trigger: Trigger, stuck: None):
    backtest_id = (await asked(trigger)).json()["backtest_id"]
    round_ = asyncio.create_task(worker(trigger).round())

    async def under_way() -> bool:
        return bool((await one(trigger, backtest_id))["events"] == 7)

    await eventually(under_way)
    found = await one(trigger, backtest_id)
    assert (found["state"], found["reached"]) == ("running", "2026-12-01T00:00:00Z")
    await ask(trigger, "DELETE", f"{PATH}/{backtest_id}")
    await round_
    found = await one(trigger, backtest_id)
    assert (found["state"], found["result"]) == ("cancelled", None)


async def test_one_that_takes_too_long_is_ended(trigger: Trigger, stuck: None):
    backtest_id = (await asked(trigger)).json()["backtest_id"]
    await worker(trigger, most_s=0.2).round()
    found = await one(trigger, backtest_id)
    assert (found["state"], found["reason"]) == ("failed", "too_long")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("raise SystemExit(3)", "too_much"),
        ("raise SystemExit(1)", "unanswered"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "interrupted"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "too_long"),
    ],
)
async def test_why_one_has_failed_is_kept(trigger: Trigger, monkeypatch: pytest.MonkeyPatch, words: str, reason: str):
    monkeypatch.setattr(work, "_WORDS", (work._WORDS[0], "-c", words))
    backtest_id = (await asked(trigger)).json()["backtest_id"]
    await worker(trigger).round()
    found = await one(trigger, backtest_id)
    assert (found["state"], found["reason"]) == ("failed", reason)
    assert found["ended_at"] is not None


async def test_the_child_s_memory_has_a_bound(trigger: Trigger, monkeypatch: pytest.MonkeyPatch):
    greedy = """
import pickle, sys
from services.trigger.backtest import child
child.keep_within(pickle.load(sys.stdin.buffer))
try:
    bytearray(2**30)
except MemoryError:
    sys.exit(3)
"""
    monkeypatch.setattr(work, "_WORDS", (work._WORDS[0], "-c", greedy))
    backtest_id = (await asked(trigger)).json()["backtest_id"]
    await worker(trigger).round()
    assert (await one(trigger, backtest_id))["reason"] == "too_much"


async def test_one_whose_process_is_gone_is_taken_up_again_and_not_for_ever(trigger: Trigger, stuck: None):
    backtest_id = (await asked(trigger)).json()["backtest_id"]
    claimed = again = await worker(trigger)._claim()
    assert claimed is not None
    assert await worker(trigger)._claim() is None, "its lease lasts"
    for attempts in (2, 3):
        await trigger.pool.execute("UPDATE backtests SET lease_until = now() - interval '1 second'")
        again = await worker(trigger)._claim()
        assert again is not None
        assert again.attempts == attempts
    assert again is not None
    await worker(trigger)._try_out(again)
    found = await one(trigger, backtest_id)
    assert (found["state"], found["reason"]) == ("failed", "interrupted")
    await worker(trigger)._end(claimed, "done", result="{}")
    assert (await one(trigger, backtest_id))["state"] == "failed", "whoever lost it has no say any more"


async def test_what_it_came_to_is_kept_for_a_week(trigger: Trigger):
    backtest_id = (await asked(trigger)).json()["backtest_id"]
    await ask(trigger, "DELETE", f"{PATH}/{backtest_id}")
    for age, left in (("6 days 23 hours", 1), ("7 days 1 hour", 0)):
        await trigger.pool.execute("UPDATE backtests SET asked_at = now() - $1::text::interval", age)
        await worker(trigger).round()
        assert await trigger.pool.fetchval("SELECT count(*) FROM backtests") == left
