"""A process that is told to end lets everybody finish who had a connection to it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from libs.http.serve import serve
from libs.runtime.ending import Ending
from tests.support.draining import application
from tests.support.eventually import eventually
from tests.support.serving import free_port, listening, ready

CLIENTS = 8
REQUEST = b"POST / HTTP/1.1\r\nHost: cart.test\r\nContent-Length: 4\r\n\r\nbody"


@asynccontextmanager
async def process(port: int, lame_duck_s: float) -> AsyncIterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "tests.support.draining", str(port), str(lame_duck_s)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            await ready(http, started)
        yield started
    finally:
        started.kill()
        started.wait()


async def answered(reader: asyncio.StreamReader) -> bytes:
    """One answer, in lower case; raises where the connection ended instead."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    return head + await reader.readexactly(int(length.partition(b":")[2]))


async def calls_until_told_to_go(port: int, busy: asyncio.Event) -> int:
    """Calls on one connection, each call as soon as the one before was answered; how often until an answer said that
    it was the last one there.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    calls, answer = 0, b""
    while b"\r\nconnection: close\r\n" not in answer:
        writer.write(REQUEST)
        answer = await answered(reader)
        assert answer.startswith(b"http/1.1 200 ")
        assert answer.endswith(b"done")
        calls += 1
        if calls == 10:
            busy.set()
    assert await reader.read() == b"", "whoever says so ends the connection in order"
    writer.close()
    return calls


@pytest.mark.parametrize("lame_duck_s", [0.0, 0.5])
async def test_nobody_on_a_kept_connection_is_reset(lame_duck_s: float) -> None:
    """Story: at a deployment 7 of 8 clients with kept connections got a reset, and shoppers saw an error."""
    port = free_port()
    async with process(port, lame_duck_s) as ending:
        busy = [asyncio.Event() for _ in range(CLIENTS)]
        clients = [asyncio.create_task(calls_until_told_to_go(port, one)) for one in busy]
        await asyncio.gather(*(one.wait() for one in busy))
        os.kill(ending.pid, signal.SIGTERM)
        calls = await asyncio.gather(*clients)
        assert all(count >= 10 for count in calls)
        assert await asyncio.to_thread(ending.wait, 30) == 0


async def test_what_has_begun_is_finished() -> None:
    port = free_port()
    async with process(port, 0.2) as ending, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        begun = asyncio.create_task(http.get("/open"))
        assert ending.stdout is not None
        assert await asyncio.to_thread(ending.stdout.readline) == b"begun\n"
        os.kill(ending.pid, signal.SIGTERM)
        answer = await begun
        assert (answer.text, answer.headers["connection"]) == ("done at the end", "close")
        assert await asyncio.to_thread(ending.wait, 30) == 0


async def test_readiness_goes_first_and_whoever_comes_meanwhile_is_served() -> None:
    """Story: a process closed its port in the moment of the signal, before any proxy could know."""
    port, ending = free_port(), Ending(3600)
    serving = asyncio.create_task(serve(application(ending), "127.0.0.1", port, ending))
    await listening(port, serving)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        assert (await http.get("/health/ready")).status_code == 200
        coming = asyncio.create_task(ending.come())
        await ending.begun.wait()
        told = await http.get("/health/ready")
        assert (told.status_code, told.json()["failing"]) == (503, ["ending"])
        assert (await http.get("/health/live")).status_code == 200
        answer = await http.get("/")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    ending.closing.set()
    await serving
    assert not coming.done(), "only its time was not over"
    coming.cancel()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_half_a_head_is_waited_for() -> None:
    """Story: the first packet of a request was there, the second one met a closed connection."""
    port, ending = free_port(), Ending()
    serving = asyncio.create_task(serve(application(ending), "127.0.0.1", port, ending))
    await listening(port, serving)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST[:30])
    async with httpx.AsyncClient(timeout=60) as http:  # answered after the half has been read
        await http.get(f"http://127.0.0.1:{port}/")
    coming = asyncio.create_task(ending.come())
    await eventually(lambda: refuses(port))
    writer.write(REQUEST[30:])
    assert (await answered(reader)).startswith(b"http/1.1 200 ")
    await asyncio.gather(serving, coming)
    writer.close()


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
