"""Two replicas of the API as real servers, and devices that listen to them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
from starlette.types import ASGIApp

from libs.postgres.pool import Pool
from libs.runtime.clock import utc_now
from services.cart.live.listener import NAME, Listener
from services.cart.live.publisher import LivePublisher
from services.cart.live.subscriptions import Subscriptions
from services.cart.main import application, authenticators
from services.cart.stores.registry import StoreRegistry
from tests.integration.cart.shop import Visitor, settings
from tests.support.eventually import eventually
from tests.support.serving import HttpServer

LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"
PATIENCE_S = 60


@dataclass
class Replica:
    """One process of the API, as far as a test needs it."""

    http: httpx.AsyncClient
    rooms: Subscriptions
    announcer: LivePublisher
    app: ASGIApp
    book: StoreRegistry
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def end(self) -> None:
        """As on SIGTERM."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def replica(pool: Pool, dsn: str, *, announcing: bool = True, catch_up_s: float = 30) -> AsyncIterator[Replica]:
    """Serves on a free port until the block ends."""
    rooms = Subscriptions()
    announcer = LivePublisher(pool, rooms)
    callers = authenticators(settings())
    book = callers.stores
    app = application(settings(), pool, utc_now, announcer.touch if announcing else lambda *_: None, rooms, callers)
    server = HttpServer(app)
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S) as http:
        listener = Listener(dsn, rooms, announcer.sender, catch_up_s)
        running = [asyncio.create_task(listener.run()), asyncio.create_task(announcer.run())]
        found = Replica(http, rooms, announcer, app, book, running)
        try:
            yield found
        finally:
            await found.end()
            await server.stop()


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    id: str
    cart: Any


class Device:
    """Something that listens to a cart's stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self._lines = answer, answer.aiter_lines()
        self.comments: list[str] = []

    async def next(self) -> Event:
        """The next event; comments are put aside."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    fields[name] = value
                elif "event" in fields:
                    assert fields["event"] == "cart"
                    return Event(fields["id"], json.loads(fields["data"]))
        raise EOFError

    async def until(self, held: dict[str, int]) -> Event:
        """The first event with these units: states in between may be left out."""
        while True:
            event = await self.next()
            if {line["sku"]: line["quantity"] for line in event.cart["lines"]} == held:
                return event

    async def ended(self) -> None:
        """Returns when the server has ended the stream; nothing more may come on it."""
        with contextlib.suppress(EOFError):
            raise AssertionError(await self.next())


@contextlib.asynccontextmanager
async def listening(visitor: Visitor, **headers: str) -> AsyncIterator[Device]:
    """Opens the visitor's stream; header names come with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = visitor.path + "/cart/stream"
    async with visitor.http.stream("GET", path, headers=visitor.headers | named) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Device(answer)


async def listeners(connection: "Pool | asyncpg.Connection[asyncpg.Record]", count: int) -> list[int]:
    """The backends that LISTEN, once there are as many."""

    async def as_many() -> list[list[int]]:
        found = [row["pid"] for row in await connection.fetch(LISTENERS, NAME)]
        return [found] if len(found) == count else []

    return (await eventually(as_many))[0]
