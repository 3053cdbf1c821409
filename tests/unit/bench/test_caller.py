import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from deploy.bench.caller import CallError, Callers

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"


@asynccontextmanager
async def server(pieces: Sequence[bytes], seen: list[bytes]) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readline():
            seen.append(request)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]


async def called(port: int, work: Sequence[Sequence[bytes]], seconds: float = 60) -> list[float]:
    callers = Callers("127.0.0.1", port, work)
    await callers.connect()
    latencies, took = await callers.run(seconds)
    assert took > 0
    return latencies


NODES = ANSWER.replace(b"content-length", b"Content-Length")


@pytest.mark.parametrize(
    "pieces", [[ANSWER], [ANSWER[:9], ANSWER[9:40], ANSWER[40:-2], ANSWER[-2:]], [NODES[:-2], NODES[-2:]]]
)
async def test_every_request_is_sent_and_every_answer_timed_however_it_comes(pieces):
    seen: list[bytes] = []
    async with server(pieces, seen) as port:
        latencies = await called(port, [[b"one\n", b"two\n"], [b"three\n"]])
    assert sorted(seen) == [b"one\n", b"three\n", b"two\n"]
    assert len(latencies) == 3
    assert min(latencies) > 0


async def test_nothing_is_sent_after_the_time_is_up():
    seen: list[bytes] = []
    async with server([ANSWER], seen) as port:
        assert await called(port, [[b"one\n"]], seconds=0) == []
    assert seen == []


async def test_another_status_ends_the_run():
    async with server([ANSWER.replace(b"200 OK", b"503 Oh")], []) as port:
        with pytest.raises(CallError, match="503"):
            await called(port, [[b"one\n"]])


async def test_a_server_that_hangs_up_ends_the_run():
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listening:
        with pytest.raises(CallError, match="hung up"):
            await called(listening.sockets[0].getsockname()[1], [[b"one\n"]])
