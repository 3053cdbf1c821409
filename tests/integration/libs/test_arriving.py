"""Requests that never end, never begin, or bring too much before their body."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from libs.http import bounded_protocol
from libs.http.serve import serve
from tests.support.serving import free_port, listening

GET = b"GET / HTTP/1.1\r\nHost: cart.test\r\n"


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body() or b"nothing")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    port = free_port()
    serving = asyncio.create_task(
        serve(Starlette(routes=[Route("/", echo, methods=["GET", "POST"])]), "127.0.0.1", port)
    )
    await listening(port, serving)
    yield port
    serving.cancel()
    await asyncio.wait([serving])


async def told(port: int, *pieces: bytes) -> bytes:
    """All that the server says to these pieces, until it ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
    heard = b""
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            heard += piece
    writer.close()
    return heard


def problem(heard: bytes) -> str:
    head, _, body = heard.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    document = json.loads(body)
    assert heard.startswith(b"HTTP/1.1 %d " % document["status"])
    return str(document["type"]).rpartition(":")[2]


async def test_a_request_in_pieces_is_answered(port: int):
    pieces = (b"POST / HTTP/1.1\r\nHost: x\r\nConnec", b"tion: close\r\nContent-Length: 4\r\n\r\nt", b"ea", b"!")
    heard = await told(port, *pieces)
    assert heard.startswith(b"HTTP/1.1 200")
    assert heard.endswith(b"tea!")


async def test_a_connection_serves_one_request_after_the_other(port: int):
    heard = await told(port, GET + b"\r\n", GET + b"Connection: close\r\n\r\n")
    assert heard.count(b"HTTP/1.1 200") == 2


async def test_headers_without_end_are_not_read(port: int):
    heard = await told(port, GET, *[b"X-%d: " % n + b"x" * 1000 + b"\r\n" for n in range(2000)])
    assert heard == b"" or problem(heard) == "headers-too-large"  # the answer is lost where more was sent than read


async def test_one_header_without_end_is_not_read(port: int):
    heard = await told(port, GET + b"X-Long: ", *[b"x" * 1000 for _ in range(2000)])
    assert heard == b"" or problem(heard) == "headers-too-large"


async def test_an_address_without_end_is_not_read(port: int):
    heard = await told(port, b"GET /?", *[b"x" * 1000 for _ in range(2000)])
    assert heard == b"" or problem(heard) == "headers-too-large"


@pytest.mark.parametrize("size", [100, 40_000, 300_000])
async def test_what_comes_in_one_piece_with_a_body_before_it_is_not_counted_with_that(port: int, size: int):
    """A client that sends one request after the other was refused where a read ended within the head of the next."""
    first = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"t" * size
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(first + GET)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(size) == b"t" * size
        writer.write(b"\r\n")
        assert (await reader.readuntil(b"nothing")).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_too_many_headers_are_refused(port: int):
    few, many = (b"".join(b"X-%d: x\r\n" % n for n in range(count)) for count in (90, 120))
    assert (await told(port, GET + few + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert problem(await told(port, GET + many + b"\r\n")) == "headers-too-large"
    body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n" + many + b"\r\ntea"
    assert problem(await told(port, body)) == "headers-too-large"


async def test_what_is_no_http_is_told_so(port: int):
    assert problem(await told(port, b"EHLO mail.test\r\n\r\n")) == "bad-request"


@pytest.mark.parametrize(
    "pieces",
    [(), (b"GET / HT",), (GET,), (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ntea",)],
    ids=["nothing", "half a line", "half a head", "half a body"],
)
async def test_nobody_holds_a_connection_by_sending_slowly(
    port: int, pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bounded_protocol, "ARRIVAL_S", 0.05)
    assert problem(await told(port, *pieces)) == "request-timeout"


async def test_the_second_request_on_a_connection_is_held_to_the_same(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bounded_protocol, "ARRIVAL_S", 1)  # the first one has to be there in that time
    heard = await told(port, GET + b"\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ntea")
    first, _, second = heard.partition(b"nothing")
    assert first.startswith(b"HTTP/1.1 200")
    assert problem(second) == "request-timeout"
