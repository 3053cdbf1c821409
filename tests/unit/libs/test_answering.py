"""An answer leaves in one piece, and nothing waits for a piece that does not come."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from libs.runtime.answering import WholeAnswers

PATIENCE_S = 20


class Wire:
    """What goes out of one connection, write by write."""

    def __init__(self, transport: asyncio.Transport, writes: list[bytes]) -> None:
        self._transport, self._writes = transport, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._writes.append(data)
        self._transport.write(data)

    def writelines(self, parts: tuple[bytes, ...]) -> None:
        self.write(b"".join(parts))


class Shop:
    """A server, and what it wrote."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.go_on = asyncio.Event()
        routes = [Route("/whole", self._whole, methods=["GET"]), Route("/same", self._same), Route("/live", self._live)]
        writes = self.writes

        class Watched(WholeAnswers):
            def connection_made(self, transport: Any) -> None:
                super().connection_made(Wire(transport, writes))  # type: ignore[arg-type]  # as good as a transport

        config = uvicorn.Config(Starlette(routes=routes), port=0, http=Watched, lifespan="off", log_level="warning")
        self.server = uvicorn.Server(config)

    async def _whole(self, _: Request) -> Response:
        return Response(b"tea")

    async def _same(self, _: Request) -> Response:
        return Response(status_code=304)

    async def _live(self, _: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            await self.go_on.wait()
            yield b"one"
            yield b"two"

        return StreamingResponse(events())


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    serving = asyncio.create_task(shop.server.serve())
    async with asyncio.timeout(PATIENCE_S):
        while not shop.server.started:
            await asyncio.sleep(0.01)  # asks again: the server has no signal for this
    yield shop
    shop.server.should_exit = True
    await serving


@pytest.fixture
async def http(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    port = shop.server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
        yield client


async def test_head_and_body_leave_together(shop: Shop, http: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await http.get("/whole")).content == b"tea"
    assert len(shop.writes) == 3
    assert all(written.startswith(b"HTTP/1.1 200") and written.endswith(b"\r\n\r\ntea") for written in shop.writes)


async def test_a_head_without_a_body_leaves_as_well(http: httpx.AsyncClient) -> None:
    assert (await http.head("/whole")).headers["content-length"] == "3"
    assert (await http.get("/same")).status_code == 304
    assert (await http.get("/whole")).content == b"tea"


async def test_the_head_of_a_stream_does_not_wait_for_its_first_event(shop: Shop, http: httpx.AsyncClient) -> None:
    async with http.stream("GET", "/live") as answer:
        assert answer.status_code == 200
        shop.go_on.set()
        assert await answer.aread() == b"onetwo"


async def test_a_refusal_is_read_before_the_connection_ends(http: httpx.AsyncClient) -> None:
    answer = await http.get("/whole", headers={"Connection": "close"})
    assert (answer.status_code, answer.content) == (200, b"tea")
