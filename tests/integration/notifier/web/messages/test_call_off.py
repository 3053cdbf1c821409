"""One message is cancelled before it begins to be sent: it is never sent then, and what is told of it is true."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.notifier.cart_client import CartClient
from services.notifier.db import called_off
from services.notifier.handlers.call_off import call_off
from services.notifier.jobs.retention import RetentionJob
from services.notifier.web.messages.call_off import CancelledMessage
from tests.integration.notifier.conftest import World, reminder
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented

HEADERS = {"Authorization": f"Bearer {SERVERS_KEY}"}


async def cancelled(web: httpx.AsyncClient, message_id: UUID, store: str = STORE) -> httpx.Response:
    return await web.post(f"/v1/stores/{store}/messages/{message_id}/cancel", headers=HEADERS)


async def test_what_waits_is_cancelled_once_and_told_once(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    for _ in range(2):
        answer = await cancelled(web, request.reminder_id)
        assert answer.status_code == 200, answer.text
        assert as_documented(answer.content, CancelledMessage)
        assert answer.json()["state"] == "cancelled"
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "called_off")
    assert await world.told() == ["message.cancelled"]
    assert world.relay.messages == []


async def test_what_is_at_its_last_word_is_not_sent_any_more(
    world: World, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    """It is held, checked and composed; nothing but the beginning is missing."""
    await world.knows()
    request = await world.asks()
    look: Callable[..., Any] = CartClient.look

    async def look_and_cancel(*given: Any) -> Any:
        found = await look(*given)
        assert (await cancelled(web, request.reminder_id)).json()["state"] == "cancelled"
        return found

    monkeypatch.setattr(CartClient, "look", look_and_cancel)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "called_off")
    assert await world.told() == ["message.cancelled"]
    assert world.relay.messages == []


@pytest.mark.parametrize("point", ["before_send", "after_send"])
async def test_what_has_begun_to_be_sent_can_not_be_called_back(world: World, web: httpx.AsyncClient, point: str):
    await world.knows()
    request = await world.asks()
    asked: list[asyncio.Task[httpx.Response]] = []

    def at(where: str, _: Any) -> None:
        if where == point:
            asked.append(asyncio.create_task(cancelled(web, request.reminder_id)))

    await world.deliver(at)
    answer = await asked[0]
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "urn:evercart:problem:message-ended")
    assert problem["state"] in ("sending", "sent")
    assert await world.ended(request) == ("sent", None)
    assert (len(world.relay.messages), await world.told()) == (1, ["message.sent"])


async def test_what_has_ended_says_how(world: World, web: httpx.AsyncClient):
    await world.knows(email_consent=False)
    request = await world.asks()
    await world.deliver()
    problem = (await cancelled(web, request.reminder_id)).json()
    assert (problem["state"], problem["reason"]) == ("cancelled", "no_consent")
    assert problem["detail"] == "It has ended before: no consent for this channel."


async def test_what_was_not_heard_of_yet_is_cancelled_when_it_comes(world: World, web: httpx.AsyncClient):
    await world.knows()
    request, other = reminder(world.now), reminder(world.now)
    for one in (request, other):
        world.carts.holds(one.cart_id, customer_id="anna")
    for _ in range(2):
        assert (await cancelled(web, request.reminder_id)).json()["state"] == "awaited"
    await world.receive(request, other)
    await world.receive(request)
    await world.deliver()
    assert [await world.ended(one) for one in (request, other)] == [("cancelled", "called_off"), ("sent", None)]
    assert await world.told() == ["message.cancelled", "message.sent"]
    assert (await cancelled(web, request.reminder_id)).json()["state"] == "cancelled"


async def test_whether_it_comes_before_or_after_it_was_cancelled_it_is_not_sent(world: World):
    await world.knows()
    for _ in range(8):
        request = reminder(world.now)
        world.carts.holds(request.cart_id, customer_id="anna")
        await asyncio.gather(
            call_off(world.pool, world.clock, STORE, request.reminder_id),
            world.receive(request),
        )
        assert await world.ended(request) == ("cancelled", "called_off")
    assert await world.told() == ["message.cancelled"] * 8


async def test_what_comes_between_the_look_and_the_answer_is_cancelled(world: World, monkeypatch: pytest.MonkeyPatch):
    await world.knows()
    request = reminder(world.now)
    world.carts.holds(request.cart_id, customer_id="anna")
    state = called_off.state

    async def comes_before(*asked: Any) -> Any:
        monkeypatch.setattr(called_off, "state", state)
        await world.receive(request)
        return await state(*asked)

    monkeypatch.setattr(called_off, "state", comes_before)
    assert await call_off(world.pool, world.clock, STORE, request.reminder_id) == ("cancelled", "called_off")
    assert await world.ended(request) == ("cancelled", "called_off")
    assert await world.told() == ["message.cancelled"]


async def test_a_crash_before_the_commit_leaves_it_waiting(
    world: World, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    await world.knows()
    request = await world.asks()

    async def crashes(*_: Any) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr("services.notifier.handlers.call_off.outbox.append", crashes)
        with pytest.raises(ConnectionError):
            await call_off(world.pool, world.clock, STORE, request.reminder_id)
    assert await world.ended(request) == ("pending", None)
    assert (await cancelled(web, request.reminder_id)).status_code == 200


async def test_a_message_of_another_store_is_not_touched_and_the_note_is_forgotten(
    world: World, web: httpx.AsyncClient
):
    await world.knows()
    request = await world.asks()
    assert (await cancelled(web, request.reminder_id, store="another")).status_code == 401
    await call_off(world.pool, world.clock, "another", request.reminder_id)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert (await cancelled(web, uuid4())).json()["state"] == "awaited"
    job = RetentionJob(world.pool, world.stores, lambda: world.now + timedelta(days=39))
    await job.round()
    assert await world.pool.fetchval("SELECT count(*) FROM called_off") == 2
    await RetentionJob(world.pool, world.stores, lambda: world.now + timedelta(days=41)).round()
    assert await world.pool.fetchval("SELECT count(*) FROM called_off") == 0
