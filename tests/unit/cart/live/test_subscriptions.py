"""Open streams without a network: the latest state only, bounded, and an end for everybody."""

import asyncio
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import pytest

from services.cart.api.routes import streams as stream_module
from services.cart.api.routes.streams import EventStream
from services.cart.domain.cart_json import CartView, empty_view
from services.cart.domain.shopper import Shopper
from services.cart.live import subscriptions as rooms_module
from services.cart.live.names import name_of
from services.cart.live.subscriptions import FullError, Subscription, Subscriptions

ANNA = Shopper("shop", customer_id="anna")
CART = uuid4()


class Store:
    """A cart that can be changed, and counts how often it is looked at."""

    def __init__(self) -> None:
        self.version, self.looks = 0, 0

    async def look(self) -> CartView:
        self.looks += 1
        if self.version == 0:
            return empty_view("shop", "anna")
        return CartView(CART, "shop", "anna", "active", self.version, "EUR", b"[]", 0, 0, None, None)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def rooms() -> Subscriptions:
    return Subscriptions()


async def opened(rooms: Subscriptions, store: Store) -> Subscription:
    room = rooms.enter(ANNA, "phone", store.look)
    await room.read()
    return room


async def changed(rooms: Subscriptions, store: Store, room: Subscription) -> None:
    """A change that is announced, once the room knows of it."""
    seen, store.version = room.etag, store.version + 1
    rooms.wake([name_of(ANNA)])
    await room.news(seen)


class Wire:
    """What a stream sends; `closed` makes it take nothing, as a reader that has stopped reading."""

    def __init__(self) -> None:
        self.parts: asyncio.Queue[bytes] = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, part: MutableMapping[str, Any]) -> None:
        await self.open.wait()
        body = part.get("body")
        if isinstance(body, bytes):
            self.parts.put_nowait(body)

    async def receive(self) -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}


def streaming(rooms: Subscriptions, room: Subscription, wire: Wire, seen: str | None = None) -> "asyncio.Task[None]":
    stream = EventStream(rooms, room, seen, None)
    return asyncio.create_task(stream({"type": "http"}, wire.receive, wire.send))


async def test_devices_of_one_name_share_a_look(rooms: Subscriptions, store: Store):
    room, again = await opened(rooms, store), rooms.enter(ANNA, "phone", store.look)
    assert room is again
    assert rooms.enter(ANNA, "laptop", store.look) is not room
    await changed(rooms, store, room)
    assert room.etag == f'"1-{CART.hex[-12:]}"'


async def test_a_room_is_also_called_by_its_cart(rooms: Subscriptions, store: Store):
    room = await opened(rooms, store)
    await changed(rooms, store, room)
    seen, store.version = room.etag, 2
    rooms.wake([name_of(CART)])
    await room.news(seen)
    assert room.state == (CART, 2, 0)


async def test_a_slow_reader_skips_what_is_history(rooms: Subscriptions, store: Store, wire: Wire):
    room = await opened(rooms, store)
    task = streaming(rooms, room, wire)
    assert b"retry: 2000" in await wire.parts.get()
    assert b'id: "0"' in await wire.parts.get()
    wire.open.clear()
    for _ in range(5):
        await changed(rooms, store, room)
    wire.open.set()
    while b'id: "5-' not in (last := await wire.parts.get()):
        assert b'id: "1-' in last, "at most the one that it was in the middle of"
    assert wire.parts.empty()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert rooms.all() == []


async def test_a_reader_that_takes_nothing_is_let_go(
    rooms: Subscriptions, store: Store, wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream_module, "SLOW_S", 0.01)
    wire.open.clear()
    await streaming(rooms, await opened(rooms, store), wire)
    assert rooms.all() == []


async def test_a_quiet_stream_beats_and_sends_nothing_that_was_seen(
    rooms: Subscriptions, store: Store, wire: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.01)
    room = await opened(rooms, store)
    task = streaming(rooms, room, wire, seen=room.etag)
    await wire.parts.get()
    assert [await wire.parts.get() for _ in range(3)] == [b":\n\n"] * 3
    rooms.close()
    await task


async def test_there_is_a_bound_and_an_end(rooms: Subscriptions, store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rooms_module, "MAX_STREAMS_OF_ONE", 2)
    monkeypatch.setattr(rooms_module, "MAX_STREAMS", 3)
    room = await opened(rooms, store)
    rooms.enter(ANNA, "phone", store.look)
    with pytest.raises(FullError):
        rooms.enter(ANNA, "phone", store.look)
    rooms.enter(ANNA, "laptop", store.look)
    with pytest.raises(FullError):
        rooms.enter(ANNA, "tablet", store.look)
    rooms.leave(room)
    rooms.close()
    assert room.closed
    with pytest.raises(FullError):
        rooms.enter(ANNA, "phone", store.look)


async def test_a_look_that_fails_ends_nothing(rooms: Subscriptions, store: Store):
    room = await opened(rooms, store)
    failing = asyncio.Event()

    async def fail() -> CartView:
        failing.set()
        raise OSError

    room._read = fail
    rooms.wake([name_of(ANNA)])
    await failing.wait()
    room._read = store.look
    await changed(rooms, store, room)
    assert not room.closed


@pytest.fixture
async def wire() -> Wire:
    return Wire()
