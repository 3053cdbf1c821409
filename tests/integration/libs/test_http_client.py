"""The client against servers that behave, and some that do not."""

import asyncio
import contextlib

import pytest

from libs.http.client import HttpClient, HttpError


@contextlib.asynccontextmanager
async def server(*answers: bytes, keep: bool = True):
    """Answers each request on a connection with the next of the answers, in pieces; tells the requests."""
    seen: list[bytes] = []
    waiting = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while waiting:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(x[15:]) for x in head.split(b"\r\n") if x.startswith(b"Content-Length:")), 0)
                seen.append(head + await reader.readexactly(length))
                answer = waiting.pop(0)
                for start in range(0, len(answer), 7):
                    writer.write(answer[start : start + 7])
                    await writer.drain()
                if not keep:
                    break
            writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}/base", seen


OK = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 9\r\n\r\n{"a": 12}'
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n5\r\npedia\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


async def test_answers_come_whole_over_one_kept_connection():
    async with server(OK, CHUNKED, EMPTY) as (url, seen), HttpClient(url, size=1) as http:
        first = await http.request("GET", "/one?x=1")
        second = await http.request("POST", "/two", headers={"X-A": "b"}, body={"k": 1})
        third = await http.request("DELETE", "/three")
    assert (first.status, first.json(), first.headers["content-type"]) == (200, {"a": 12}, "application/json")
    assert (second.status, second.body) == (201, b"wikipedia")
    assert (third.status, third.body) == (204, b"")
    assert seen[0].startswith(b"GET /base/one?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"X-A: b\r\n" in seen[1]
    assert seen[1].endswith(b'\r\n\r\n{"k": 1}')
    assert b"Content-Length" not in seen[2]


async def test_a_connection_that_the_server_gives_up_is_not_used_again():
    last = OK.replace(b"Content-Length", b"Connection: close\r\nContent-Length")
    async with server(last, last, keep=False) as (url, seen), HttpClient(url, size=1) as http:
        for _ in range(2):
            assert (await http.request("GET", "/")).status == 200
    assert len(seen) == 2


async def test_a_closed_connection_is_an_error_and_no_hang():
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"
    async with server(half, keep=False) as (url, _), HttpClient(url) as http:
        with pytest.raises(HttpError, match="closed"):
            await http.request("GET", "/")


async def test_what_is_not_http_is_an_error():
    async with server(b"220 mail.example ESMTP\r\n") as (url, _), HttpClient(url) as http:
        with pytest.raises(HttpError, match="does not speak HTTP"):
            await http.request("GET", "/")


async def test_nobody_there_is_an_error_that_names_the_address():
    async with HttpClient("http://127.0.0.1:1") as http:
        with pytest.raises(HttpError, match=r"127\.0\.0\.1:1 cannot be reached"):
            await http.request("GET", "/")


async def test_silence_ends_after_the_timeout():
    async with server(b"", b"") as (url, _), HttpClient(url) as http:
        with pytest.raises(HttpError, match="in time"):
            await http.request("GET", "/", timeout_s=0.05)


async def test_an_answer_that_is_not_json_says_so():
    async with server(CHUNKED) as (url, _), HttpClient(url) as http:
        with pytest.raises(HttpError, match="not JSON"):
            (await http.request("GET", "/")).json()


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:80", "http://"])
def test_only_http_urls_are_taken(url):
    with pytest.raises(HttpError, match="not an http"):
        HttpClient(url)
