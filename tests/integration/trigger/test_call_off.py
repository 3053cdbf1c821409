"""A step that is ahead is cancelled by hand: it is never sent, also where its timer fires at the same instant."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from libs.http.server_keys import Keys, NamedKey
from libs.postgres.pool import Pool
from services.trigger.db import retention
from services.trigger.handlers.call_off import Cancelling, cancel_ahead
from services.trigger.handlers.request_reminders import request_reminders
from services.trigger.web.app import application
from services.trigger.web.deps import Services
from services.trigger.web.reminders import CancelledReminder
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.support.answers import as_documented
from tests.unit.trigger.making import added, cart_id

KEY, READS = "sk_cancels_0123456789abcdef", "sk_reads_0123456789abcdefghi"
KEYS: Keys = {
    "shop": (
        NamedKey(name="console", key=SecretStr(KEY), scopes=frozenset({"reminders:write", "explain:read"})),
        NamedKey(name="reads", key=SecretStr(READS), scopes=frozenset({"explain:read"})),
    ),
    "other": SecretStr("sk_of_another_store_01234567"),
}
A = cart_id("a")


async def ask(trigger: Trigger, method: str, path: str, key: str = KEY, store: str = "shop") -> httpx.Response:
    app = application(Services(trigger.pool, KEYS, now, trigger.campaigns), {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trigger.test") as client:
        return await client.request(method, f"/v1/stores/{store}{path}", headers={"Authorization": f"Bearer {key}"})


async def ahead(trigger: Trigger) -> list[dict[str, Any]]:
    (cart,) = (await ask(trigger, "GET", f"/explain?cart={A}")).json()["carts"]
    found: list[dict[str, Any]] = cart["ahead"]
    return found


async def cancelled(trigger: Trigger, reminder_id: str, **more: str) -> httpx.Response:
    return await ask(trigger, "POST", f"/carts/{A}/reminders/{reminder_id}/cancel", **more)


async def decided(pool: Pool) -> list[tuple[int, str, str]]:
    rows = await pool.fetch("SELECT step, outcome, reason FROM decisions ORDER BY step")
    return [(row["step"], row["outcome"], row["reason"]) for row in rows]


async def told(pool: Pool) -> list[tuple[int, str]]:
    rows = await pool.fetch("SELECT value FROM outbox WHERE topic = 'reminder.decisions' ORDER BY id")
    said = [json.loads(row["value"]) for row in rows]
    return [(one["step"], one["reason"]) for one in said]


async def test_a_step_that_was_cancelled_is_told_so_at_once_and_never_sent(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=10)))
    first, *_ = await ahead(trigger)
    answer = await cancelled(trigger, first["reminder_id"])
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, CancelledReminder)
    assert await told(trigger.pool) == [(1, "called_off")]
    steps = await ahead(trigger)
    assert [(one["state"], one["reason"]) for one in steps] == [
        ("left_out", "called_off"),
        ("planned", "planned"),
        ("planned", "planned"),
    ]
    assert steps[0]["why"] == "somebody of the shop has cancelled it"
    assert (await cancelled(trigger, first["reminder_id"])).json() == answer.json(), "again, it is the same"


async def test_its_timer_finds_it_decided_and_asks_for_nothing(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    first, second, third = await ahead(trigger)
    await cancelled(trigger, first["reminder_id"])
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert await trigger.requested() == []
    assert await decided(trigger.pool) == [(1, "skipped", "called_off")]
    assert await told(trigger.pool) == [(1, "called_off")]
    assert [one["reminder_id"] for one in await ahead(trigger)] == [second["reminder_id"], third["reminder_id"]]


async def test_what_was_decided_before_stays_and_is_told_with_its_outcome(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    first, *_ = await ahead(trigger)
    await trigger.read_until(now())
    await trigger.timers.fire()
    answer = await cancelled(trigger, first["reminder_id"])
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "urn:evercart:problem:already-decided")
    assert (problem["outcome"], problem["reason"]) == ("would_send", "idle")
    assert "It was asked for before" in problem["detail"]
    assert len(await trigger.requested()) == 1


async def test_what_is_not_ahead_is_no_reminder(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=10)))
    first, *_ = await ahead(trigger)
    await trigger.receive(added("a", 2, ago(minutes=5), {"tea": 2}))
    path = f"/carts/{uuid4()}/reminders/{first['reminder_id']}/cancel"
    answers = [await cancelled(trigger, first["reminder_id"]), await ask(trigger, "POST", path)]
    assert {(one.status_code, one.json()["type"]) for one in answers} == {
        (404, "urn:evercart:problem:unknown-reminder")
    }
    assert await decided(trigger.pool) == []


async def test_only_a_key_that_is_for_it_cancels_and_none_of_another_store(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=10)))
    first, *_ = await ahead(trigger)
    refused = await cancelled(trigger, first["reminder_id"], key=READS)
    assert (refused.status_code, refused.json()["scope"]) == (403, "reminders:write")
    other = "sk_of_another_store_01234567"
    assert (await cancelled(trigger, first["reminder_id"], key=other)).status_code == 401
    assert (await cancelled(trigger, first["reminder_id"], key=other, store="other")).status_code == 403
    what = Cancelling("other", A, UUID(first["reminder_id"]))
    assert await cancel_ahead(trigger.pool, trigger.campaigns.of, what) is None
    assert await decided(trigger.pool) == []


async def test_cancelled_and_fired_at_once_it_is_either_and_both_say_the_same(trigger: Trigger) -> None:
    names = [f"cart-{n}" for n in range(12)]
    await trigger.receive(*(added(name, 1, ago(hours=2)) for name in names))
    ids = {}
    for name in names:
        (cart,) = (await ask(trigger, "GET", f"/explain?cart={cart_id(name)}")).json()["carts"]
        ids[name] = UUID(cart["ahead"][0]["reminder_id"])
    await trigger.read_until(now())
    whats = [Cancelling("shop", cart_id(name), ids[name]) for name in names]
    calls = [cancel_ahead(trigger.pool, trigger.campaigns.of, what) for what in whats]
    found, *_ = await asyncio.gather(asyncio.gather(*calls), trigger.timers.fire(), trigger.timers.fire())
    await trigger.timers.fire()
    requested = {one.reminder_id for one in await trigger.requested()}
    for what, recorded in zip(whats, found, strict=True):
        assert recorded is not None
        assert (recorded.reason == "called_off") != (what.reminder_id in requested)
    assert len(await decided(trigger.pool)) == len(names)


async def test_a_crash_before_the_commit_leaves_it_ahead(trigger: Trigger, monkeypatch: pytest.MonkeyPatch) -> None:
    await trigger.receive(added("a", 1, ago(minutes=10)))
    first, *_ = await ahead(trigger)

    async def crashes(*given: Any) -> None:
        await request_reminders(*given)
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr("services.trigger.handlers.call_off.request_reminders", crashes)
        with pytest.raises(ConnectionError):
            await cancel_ahead(trigger.pool, trigger.campaigns.of, Cancelling("shop", A, UUID(first["reminder_id"])))
    assert (await decided(trigger.pool), await told(trigger.pool)) == ([], [])
    assert (await cancelled(trigger, first["reminder_id"])).status_code == 200


async def test_what_was_cancelled_long_before_it_is_due_is_not_forgotten_until_then(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=10)))
    *_, last = await ahead(trigger)
    await cancelled(trigger, last["reminder_id"])
    async with trigger.pool.acquire() as connection:
        await retention.forget_decisions(connection, now() + timedelta(minutes=1))
        assert len(await decided(trigger.pool)) == 1
        await retention.forget_decisions(connection, now() + timedelta(days=30))
    assert await decided(trigger.pool) == []
