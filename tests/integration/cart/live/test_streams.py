"""A change on one device is on the others at once, whichever replica they ask."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.postgres.pool import Pool
from services.cart.api.routes import streams
from services.cart.db import stream_states
from services.cart.live.subscriptions import OPEN
from tests.integration.cart.shop import SECRET_KEY, Visitor, customer_token, done, held, refused
from tests.integration.cart.streaming import Device, Replica, listeners, listening, replica
from tests.support.eventually import eventually


def anna_at(place: Replica, **claims: Any) -> Visitor:
    return Visitor(place.http, {"Authorization": f"Bearer {customer_token('anna', **claims)}"})


async def guest_at(place: Replica) -> Visitor:
    token = done(await Visitor(place.http, {}).ask("POST", "/cart/token"), 201)["cart_token"]
    return Visitor(place.http, {"X-Cart-Token": token})


def server_at(place: Replica) -> Visitor:
    return Visitor(place.http, {"Authorization": f"Bearer {SECRET_KEY}"})


@pytest.fixture
async def one(pool: Pool, dsn: str) -> AsyncIterator[Replica]:
    async with replica(pool, dsn) as running:
        yield running


@pytest.fixture
async def other(pool: Pool, dsn: str) -> AsyncIterator[Replica]:
    async with replica(pool, dsn) as running:
        yield running


async def test_a_change_on_one_replica_is_seen_on_anothers_stream(one: Replica, other: Replica, pool: Pool):
    async with listening(anna_at(other)) as laptop:
        first = await laptop.next()
        assert (first.id, first.cart["id"]) == ('"0"', None)
        await listeners(pool, 1)
        cart = await anna_at(one).add("tea", 2)
        event = await laptop.next()
        assert event.cart == cart
        assert event.cart == await anna_at(one).cart()
        await anna_at(one).add("jam")
        assert held((await laptop.next()).cart) == {"tea": 2, "jam": 1}


async def test_every_device_of_the_shopper_sees_it_and_nobody_else_does(one: Replica, other: Replica):
    stranger = Visitor(one.http, {"Authorization": f"Bearer {customer_token('ben')}"})
    async with contextlib.AsyncExitStack() as open_streams:
        places = (one, one, other, other)
        devices = [await open_streams.enter_async_context(listening(anna_at(place))) for place in places]
        bens = await open_streams.enter_async_context(listening(stranger))
        await anna_at(one).add("tea")
        await asyncio.gather(*(device.until({"tea": 1}) for device in devices))
        assert (await bens.next()).id == '"0"'
        await stranger.add("jam")
        assert held((await bens.next()).cart) == {"jam": 1}


async def test_a_reconnect_with_last_event_id_gets_only_what_is_news(one: Replica):
    anna = anna_at(one)
    await anna.add("tea")
    async with listening(anna) as device:
        seen = (await device.next()).id
    async with listening(anna, Last_Event_ID=seen) as device:
        await anna.add("jam")
        news = await device.next()
        assert held(news.cart) == {"tea": 1, "jam": 1}
    await anna.add("jam")
    async with listening(anna, Last_Event_ID=news.id) as device:
        assert held((await device.next()).cart) == {"tea": 1, "jam": 2}


async def test_an_order_moves_the_stream_to_the_next_cart(one: Replica, other: Replica):
    async with listening(anna_at(other)) as device:
        cart = await anna_at(one).add("tea")
        await device.until({"tea": 1})
        await server_at(one).order("o-1", cart_id=cart["id"])
        assert (await device.until({})).cart["id"] is None
        after = await anna_at(one).add("jam")
        assert (await device.until({"jam": 1})).cart["id"] == after["id"] != cart["id"]


async def test_a_claim_moves_both_streams(one: Replica, other: Replica):
    guest = await guest_at(one)
    cart = await guest.add("tea")
    async with listening(Visitor(other.http, guest.headers)) as left, listening(anna_at(other)) as right:
        assert (await left.next()).cart["id"] == cart["id"]
        assert (await right.next()).cart["id"] is None
        await anna_at(one).claim(guest)
        claimed = await right.until({"tea": 1})
        assert (claimed.cart["id"], claimed.cart["customer_id"]) == (cart["id"], "anna")
        assert (await left.until({})).cart["id"] is None


async def test_a_merge_shows_on_the_customers_stream(one: Replica, other: Replica):
    guest = await guest_at(one)
    await guest.add("tea")
    await anna_at(one).add("jam")
    async with listening(anna_at(other)) as device:
        await anna_at(one).claim(guest)
        await device.until({"tea": 1, "jam": 1})


async def test_a_killed_listen_connection_recovers(one: Replica, pool: Pool, dsn: str, monkeypatch: pytest.MonkeyPatch):
    states, compared = stream_states.states, asyncio.Event()

    async def noted(*arguments: Any) -> Any:
        found = await states(*arguments)
        compared.set()
        return found

    monkeypatch.setattr(stream_states, "states", noted)
    async with replica(pool, dsn, announcing=False) as mute, listening(anna_at(one)) as device:
        await device.next()
        [listener] = await listeners(pool, 1)
        await compared.wait()  # else this connection's own first comparison may find what comes now
        await anna_at(mute).add("tea")  # a replica that dies between commit and announcement
        await pool.execute("SELECT pg_terminate_backend($1)", listener)
        await device.until({"tea": 1})
        assert await listeners(pool, 1) != [listener]


async def test_a_change_of_which_nobody_told_is_found(pool: Pool, dsn: str):
    async with replica(pool, dsn, announcing=False, catch_up_s=0.05) as mute, listening(anna_at(mute)) as device:
        await device.next()
        await anna_at(mute).add("tea")
        await device.until({"tea": 1})
        await server_at(mute).order("o-1", customer_id="anna")
        await device.until({})


async def test_the_stream_ends_with_the_credentials(one: Replica):
    refused(await anna_at(one, exp=1_000_000_000).ask("GET", "/cart/stream"), 401, "unauthorized")
    # the door forgives a clock some seconds; the stream that it lets in ends at once
    async with listening(anna_at(one, exp=int(time.time()) - 2)) as device:
        await device.ended()


async def test_a_stream_ends_with_its_store(one: Replica, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.02)
    async with listening(anna_at(one)) as device:
        await device.next()
        one.book.put("environment", {})
        await device.ended()


async def test_streams_end_when_the_process_stops_and_no_more_are_let_in(one: Replica):
    async with listening(anna_at(one)) as device:
        await device.next()
        await one.end()
        await device.ended()
    refused(await anna_at(one).ask("GET", "/cart/stream"), 503, "too-many-streams")


async def test_who_has_left_is_forgotten_and_nobody_listens_for_nobody(one: Replica, pool: Pool):
    before = next(iter(OPEN.collect())).samples[0].value  # of rooms that other tests of this process left as they were
    async with listening(anna_at(one)) as device:
        await device.next()
        await listeners(pool, 1)
        assert len(one.rooms.all()) == 1
        assert f"evercart_cart_streams_open {before + 1}" in (await one.http.get("/metrics")).text
    await eventually(lambda: not one.rooms.all())  # the server learns of a disconnect in its own time
    assert f"evercart_cart_streams_open {before}" in (await one.http.get("/metrics")).text


async def test_a_stream_is_freed_when_its_reader_has_left_and_waits_for_no_collection(one: Replica):
    def none_left() -> bool:
        return not [found for found in gc.get_objects() if type(found) is streams.EventStream]

    gc.collect()
    for _ in range(3):
        async with listening(anna_at(one)) as page:
            await page.next()
    assert await eventually(none_left), "where tests run nothing is collected unless asked for"


async def test_a_page_of_the_store_may_listen_and_a_strangers_may_not(one: Replica):
    async with listening(anna_at(one), Origin="https://shop.test") as device:
        assert device.answer.headers["access-control-allow-origin"] == "https://shop.test"
        assert device.answer.headers["content-type"].startswith("text/event-stream")
        assert device.answer.headers["cache-control"] == "no-store"
    async with listening(anna_at(one), Origin="https://evil.test") as device:
        assert "access-control-allow-origin" not in device.answer.headers


async def test_nobody_listens_without_credentials(one: Replica):
    refused(await Visitor(one.http, {}).ask("GET", "/cart/stream"), 401, "unauthorized")
    refused(await server_at(one).ask("GET", "/cart/stream"), 403, "forbidden")


@pytest.fixture
async def device(one: Replica) -> AsyncIterator[Device]:
    async with listening(anna_at(one)) as opened:
        await opened.next()
        yield opened


async def test_a_storm_of_changes_ends_in_the_latest_state(one: Replica, other: Replica, device: Device):
    await asyncio.gather(*(anna_at(place).add("tea") for place in (one, other) for _ in range(15)))
    await device.until({"tea": 30})
