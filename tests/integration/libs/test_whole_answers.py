"""An answer in one piece is the answer in messages, byte for byte, on whatever connection; so is a body at once."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from libs.http.bounded_protocol import BODY, WHOLE
from libs.http.serve import serve
from tests.support.serving import free_port, listening

ASK = b"%s %s HTTP/1.1\r\nHost: cart.test\r\nContent-Length: 4\r\n%s\r\nbody"
HEADERS = [(b"content-length", b"5"), (b"etag", b'"7"')]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """In one piece at /whole, if it is taken; else in messages. /split has a header that no line can hold. The body is
    taken at once at /taken, which says so.
    """
    if scope["path"] == "/taken":
        taken = scope[BODY]()
        body = (await received(receive) + b"?") if taken is None else taken + b"!"
    else:
        body = (await receive())["body"] + b"!"
    headers = [*HEADERS, (b"x-split", b"a\r\nb")] if scope["path"] == "/split" else HEADERS
    if scope["path"] != "/messages" and scope[WHOLE](200, headers, body):
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": body})
    assert not scope[WHOLE](200, HEADERS, body), "it was answered"


async def received(receive: Receive) -> bytes:
    """A body in messages; after it there is nothing but the end of the connection."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    return body


@pytest.fixture
async def port() -> AsyncIterator[int]:
    port = free_port()
    serving = asyncio.create_task(serve(application, "127.0.0.1", port))
    await listening(port, serving)
    yield port
    serving.cancel()
    await asyncio.wait([serving])


async def said(port: int, request: bytes) -> bytes:
    """All that comes until the server hangs up; the hour is left out."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(20):
        lines = (await reader.read()).split(b"\r\n")
    writer.close()
    return b"\r\n".join(line for line in lines if not line.startswith(b"date:"))


@pytest.mark.parametrize("more", [b"Connection: close\r\n", b"Connection: close\r\nExpect: 100-continue\r\n"])
async def test_both_ways_say_the_same(port: int, more: bytes):
    whole = await said(port, ASK % (b"POST", b"/whole", more))
    assert whole == await said(port, ASK % (b"POST", b"/messages", more))
    assert whole.endswith(b"\r\n\r\nbody!")
    assert b"\r\nconnection: close\r\n" in whole


@pytest.mark.parametrize("path", [b"/whole", b"/messages", b"/taken"])
async def test_a_request_is_freed_with_its_answer_and_waits_for_no_collection(port: int, path: bytes):
    requests = ASK % (b"POST", path, b"") * 30 + ASK % (b"POST", path, b"Connection: close\r\n")
    gc.collect()
    gc.disable()
    try:
        assert (await said(port, requests)).count(b"HTTP/1.1 200") == 31
        left = [one for one in gc.get_objects() if type(one) is RequestResponseCycle]
    finally:
        gc.enable()
    assert len(left) <= 1, "of a connection that has just closed"


async def test_pipelined_requests_are_answered_in_their_order(port: int):
    first, last = ASK % (b"POST", b"/whole", b""), ASK % (b"POST", b"/whole", b"Connection: close\r\n")
    answers = await said(port, first + ASK % (b"POST", b"/messages", b"") + last)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert answers.count(b"body!") == 3
    assert answers.count(b"connection: close") == 1


async def test_a_header_that_no_line_can_hold_is_not_sent(port: int):
    answer = await said(port, ASK % (b"POST", b"/split", b"Connection: close\r\n"))
    assert b"x-split" not in answer
    assert answer.endswith(b"body!")


async def test_a_body_that_is_there_is_taken_at_once(port: int):
    assert (await said(port, ASK % (b"POST", b"/taken", b"Connection: close\r\n"))).endswith(b"\r\n\r\nbody!")
    empty = b"POST /taken HTTP/1.1\r\nHost: cart.test\r\nConnection: close\r\n\r\n"
    assert (await said(port, empty)).count(b"!") == 1


async def test_a_body_that_is_on_the_way_or_waits_to_be_asked_for_comes_in_messages(port: int):
    asked = await said(port, ASK % (b"POST", b"/taken", b"Connection: close\r\nExpect: 100-continue\r\n"))
    assert asked.startswith(b"HTTP/1.1 100 Continue")
    assert asked.endswith(b"body?")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /taken HTTP/1.1\r\nHost: cart.test\r\nContent-Length: 4\r\n\r\nbo")
    await asyncio.sleep(0)
    writer.write(b"dy")
    async with asyncio.timeout(20):
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(5)
    writer.close()
    assert answer[:4] == b"body"  # both pieces may have come at once
