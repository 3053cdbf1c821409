"""Open streams without a network: the latest state only, bounded, and an end for everybody."""

import asyncio
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import pytest

from libs.http.bounded_protocol import ABORT
from services.cart.api.routes import streams as stream_module
from services.cart.api.routes.streams import EventStream
from services.cart.domain.cart_json import CartView, empty_view
from services.cart.domain.shopper import Shopper
from services.cart.live import subscriptions as rooms_module
from services.cart.live.names import name_of
from services.cart.live.send_budget import SendBudget
from services.cart.live.subscriptions import FullError, Subscription, Subscriptions

ANNA = Shopper("shop", customer_id="anna")
BEN = Shopper("shop", customer_id="ben")
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
    with pytest.raises(FullError):
        rooms.enter(ANNA, "laptop", store.look)
    rooms.enter(BEN, "laptop", store.look)
    with pytest.raises(FullError):
        rooms.enter(Shopper("other", customer_id="carl"), "tablet", store.look)
    rooms.leave(room)
    rooms.close()
    assert room.closed
    with pytest.raises(FullError):
        rooms.enter(ANNA, "phone", store.look)


async def test_nobody_takes_the_places_of_others(rooms: Subscriptions, store: Store, monkeypatch: pytest.MonkeyPatch):
    """Story: one guest with a thousand device names, and one line with a thousand guests, held all 4,000 streams."""
    monkeypatch.setattr(rooms_module, "MAX_STREAMS_OF_ONE", 2)
    monkeypatch.setattr(rooms_module, "MAX_STREAMS_OF_ADDRESS", 3)
    monkeypatch.setattr(rooms_module, "MAX_STREAMS_OF_STORE", 4)
    first = rooms.enter(ANNA, "1", store.look, "there")
    rooms.enter(ANNA, "2", store.look, "there")
    with pytest.raises(FullError):
        rooms.enter(ANNA, "3", store.look, "elsewhere")
    rooms.enter(BEN, "1", store.look, "there")
    with pytest.raises(FullError):
        rooms.enter(BEN, "2", store.look, "there")
    rooms.enter(BEN, "2", store.look, "elsewhere")
    with pytest.raises(FullError):
        rooms.enter(Shopper("shop", customer_id="carl"), "1", store.look, "somewhere")
    rooms.enter(Shopper("other", customer_id="carl"), "1", store.look, "somewhere")
    rooms.leave(first, "there")
    rooms.enter(ANNA, "3", store.look, "there")


async def test_devices_of_a_shopper_share_the_bytes_of_what_they_are_shown(rooms: Subscriptions, store: Store):
    store.version = 1
    phone, laptop = rooms.enter(ANNA, "phone", store.look), rooms.enter(ANNA, "laptop", store.look)
    await phone.read()
    await laptop.read()
    assert laptop.frame is phone.frame


async def test_who_reads_nothing_is_let_go_before_the_memory_is_full(store: Store, wire: Wire):
    """Story: 150 readers that never read took 200 MB, and those who read had none."""
    rooms = Subscriptions()
    stuck = await opened(rooms, store)
    rooms.budget = SendBudget(len(stuck.frame) + 10)
    aborted = list[str]()
    deaf = Wire()
    deaf.open.clear()
    task = asyncio.create_task(
        EventStream(rooms, stuck, None, None)({ABORT: lambda: aborted.append("deaf")}, deaf.receive, deaf.send)
    )
    deaf.open.set()
    await deaf.parts.get()
    deaf.open.clear()
    while not rooms.budget.bytes:
        await asyncio.sleep(0)
        if not deaf.parts.empty():  # it was quicker than the switch
            await deaf.parts.get()
            await changed(rooms, store, stuck)
    rooms.enter(ANNA, "phone", store.look)
    reader = streaming(rooms, stuck, wire)
    assert b"retry: 2000" in await wire.parts.get()
    assert b"event: cart" in await wire.parts.get()
    await task
    assert aborted == ["deaf"]
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    assert (rooms.budget.bytes, rooms.all()) == (0, [])


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
