"""Messages that are held back: none is sent any more, none is lost, and what is let go goes out once."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.notifier.cart_client import CartClient
from services.notifier.db import deliveries, pauses
from services.notifier.domain.pause import Scope
from services.notifier.web.messages.pauses import Lifted, Pauses
from tests.integration.notifier.conftest import LEASE, World, low_stock
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented
from tests.support.eventually import eventually

AT = f"/v1/stores/{STORE}/pauses"
HEADERS = {"Authorization": f"Bearer {SERVERS_KEY}"}
WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR SHARE%')"


async def paused(world: World, *scope: Any, why: str = "a fault") -> None:
    async with world.pool.acquire() as connection, connection.transaction():
        await pauses.set_pause(connection, STORE, Scope(*scope), why)


async def resumed(world: World, *scope: Any) -> int | None:
    async with world.pool.acquire() as connection, connection.transaction():
        return await pauses.lift(connection, STORE, Scope(*scope))


async def held_back(world: World) -> list[int]:
    async with world.pool.acquire() as connection:
        return [one["held_back"] for one in await pauses.pauses(connection, STORE)]


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ((), ["cart 1", "cart 2", "low"]),
        (("abandoned_cart",), ["cart 1", "cart 2"]),
        (("abandoned_cart", 2), ["cart 2"]),
        (("", 0, "sms"), ["low"]),
        (("abandoned_cart", 0, "sms"), []),
        (("another",), []),
    ],
)
async def test_what_a_pause_names_waits_and_all_else_goes(world: World, scope: tuple[Any, ...], held: list[str]):
    await world.knows()
    await world.knows("bert", phone="+48221234567")
    second = await world.asks(step=2, customer_id="bert")
    asked = {"cart 1": await world.asks(), "cart 2": second, "low": await world.asks(**low_stock())}
    await paused(world, *scope)
    await world.deliver()
    ends = {name: await world.ended(request) for name, request in asked.items()}
    assert ends == {name: ("pending", "paused") if name in held else ("sent", None) for name in asked}
    assert await held_back(world) == [len(held)]
    assert await world.deliver() == 0, "what waits for the end of a pause costs nothing until then"
    assert await resumed(world, *scope) == len(held)
    await world.deliver()
    assert [await world.ended(one) for one in asked.values()] == [("sent", None)] * 3
    assert (len(world.relay.messages), len(world.twilio.taken)) == (2, 1)


async def test_another_store_goes_on(world: World):
    await world.knows()
    request = await world.asks()
    async with world.pool.acquire() as connection:
        await pauses.set_pause(connection, "another", Scope(), "a fault")
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_what_was_held_back_too_long_expires_and_says_why(world: World):
    await world.knows()
    request = await world.asks()
    await paused(world)
    await world.deliver()
    world.now = request.expires_at
    await world.pool.execute("UPDATE deliveries SET next_at = now()")
    await world.deliver()
    assert await world.ended(request) == ("expired", "paused")
    assert await world.told() == ["message.expired"]
    assert (await held_back(world), world.relay.messages) == ([0], [])


async def test_a_pause_counts_for_what_is_on_its_way_already(world: World, monkeypatch: pytest.MonkeyPatch):
    """The message is checked and composed; nothing but the last word is missing."""
    await world.knows()
    request = await world.asks()
    look: Callable[..., Any] = CartClient.look

    async def look_and_pause(*given: Any) -> Any:
        found = await look(*given)
        await paused(world)
        return found

    monkeypatch.setattr(CartClient, "look", look_and_pause)
    await world.deliver()
    assert await world.ended(request) == ("pending", "paused")
    assert world.relay.messages == []


async def test_a_message_that_waits_for_its_place_at_the_relay_is_not_begun_after_a_pause(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NOTIFIER_SMTP_CONNECTIONS", "1")
    world.relay.fails("hang", "rcpt")
    for name in ("anna", "berta"):
        await world.knows(name)
    asked = [await world.asks(customer_id=name) for name in ("anna", "berta")]
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 2, uuid4(), LEASE)
    delivery = world.delivery()
    under_way = [asyncio.create_task(delivery.deliver(one)) for one in claimed]
    await eventually(lambda: not world.relay.faults.pending())
    await paused(world)
    world.relay.drop_all()
    await asyncio.gather(*under_way)
    assert sorted([await world.ended(one) for one in asked]) == [
        ("pending", "paused"),
        ("pending", "smtp_disconnected"),
    ]
    assert (world.relay.sessions, world.relay.messages) == (2, [])


async def test_a_message_that_is_put_off_while_the_pause_ends_goes_out(world: World):
    """It had seen the pause, and was written down after the end of the pause had let go all that waited."""
    await world.knows()
    request = await world.asks()
    await paused(world)
    async with world.pool.acquire() as other:
        ending = other.transaction()
        await ending.start()
        assert await pauses.lift(other, STORE, Scope()) == 0
        delivering = asyncio.create_task(world.deliver())
        await eventually(lambda: world.pool.fetchval(WAITS))
        await ending.commit()
    await delivering
    assert (await world.row(request))["state"] == "pending"
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_pause_that_was_ended_under_a_holder_takes_nothing_from_it(world: World):
    """What is under way keeps its lease: two of one message would go out."""
    await world.knows()
    request = await world.asks()
    await paused(world)
    await world.deliver()
    await resumed(world)

    def again(point: str, _: object) -> None:
        seen.append(point)

    seen: list[str] = []
    await paused(world, "another")
    await world.deliver(again)
    assert "after_send" in seen
    assert await resumed(world, "another") == 0
    assert await world.ended(request) == ("sent", None)


async def test_by_key_messages_are_paused_shown_and_let_go(world: World, web: httpx.AsyncClient):
    await world.knows()
    await world.asks()
    named: dict[str, Any] = {"campaign": "abandoned_cart", "step": 0, "channel": "email"}
    for why in ("coupons fail", "the coupon does not work"):
        answer = await web.put(AT, json=named | {"why": why}, headers=HEADERS)
        assert answer.status_code == 200
    await world.deliver()
    listed = await web.get(AT, headers=HEADERS)
    assert as_documented(listed.content, Pauses)
    [one] = listed.json()["pauses"]
    assert one | named | {"why": "the coupon does not work", "held_back": 1} == one
    let_go = await web.delete(AT, params=named, headers=HEADERS)
    assert as_documented(let_go.content, Lifted)
    assert let_go.json() == {"released": 1}
    again = await web.delete(AT, params=named, headers=HEADERS)
    assert (again.status_code, again.json()["type"]) == (404, "urn:evercart:problem:unknown-pause")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"why": ""},
        {"why": "a\nb"},
        {"why": "x" * 201},
        {"why": "x", "step": 2},
        {"why": "x", "campaign": "c", "step": -1},
        {"why": "x", "campaign": "c", "step": "2"},
        {"why": "x", "channel": "pigeon"},
        {"why": "x", "store": "demo"},
    ],
)
async def test_what_is_no_pause_is_refused_and_pauses_nothing(world: World, web: httpx.AsyncClient, body: Any):
    answer = await web.put(AT, json=body, headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert await held_back(world) == []


async def test_a_step_alone_names_no_pause(web: httpx.AsyncClient):
    answer = await web.delete(AT, params={"step": 2}, headers=HEADERS)
    assert (answer.status_code, "name the campaign" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize("key", ["", "Bearer another"])
async def test_nobody_pauses_without_the_stores_key(world: World, web: httpx.AsyncClient, key: str):
    for method in ("GET", "PUT", "DELETE"):
        answer = await web.request(method, AT, headers={"Authorization": key} if key else {})
        assert answer.status_code == 401
    assert await held_back(world) == []
