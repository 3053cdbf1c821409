"""HTTP callers that leave the cores to the server: requests made beforehand, an answer looked at no more than needed.

No parser, no tasks, no futures: a protocol of asyncio's sends its next request as soon as the whole answer is there.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import cast

OK = b"HTTP/1.1 200"
_LENGTHS = b"content-length: ", b"Content-Length: "  # ours, and those of Node.js
_PATIENCE_S = 30


class CallError(Exception):
    """The server has answered something else than 200, hung up, or not answered at all."""


class _Caller(asyncio.Protocol):
    """One connection: one request at a time, until the time is up or there are no more of them."""

    def __init__(
        self, requests: Iterator[bytes], latencies: list[float], ended: Callable[[Exception | None], None]
    ) -> None:
        self._requests, self._latencies, self._ended = requests, latencies, ended
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance

    def begin(self, until: float) -> None:
        """Sends the first request; none is sent after `until` (`perf_counter`)."""
        self._until = until
        self._next(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if self._seen:
            data = self._seen + data
        if not _whole(data):
            self._seen = data
            return
        self._seen = b""
        if not data.startswith(OK):
            self._end(CallError(f"the server answered {data[:500]!r}"))
            return
        self._latencies.append(now - self._sent)
        self._next(now)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._end(CallError("the server hung up"))

    def _next(self, now: float) -> None:
        request = next(self._requests, None) if now < self._until else None
        if request is None:
            self._end(None)
            return
        self._sent = now
        self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        ended, self._ended = self._ended, _nobody
        self._transport.abort()
        ended(error)


def _nobody(_: Exception | None) -> None:
    """Whoever was to be told has been told."""


def _whole(data: bytes) -> bool:
    """Whether an answer's head and all of the body that it announces are there."""
    body = data.find(b"\r\n\r\n") + 4
    if body < 4:
        return False
    place = max(data.find(name, 0, body) for name in _LENGTHS)
    length = int(data[place + len(_LENGTHS[0]) : data.index(b"\r", place)]) if place > 0 else 0
    return len(data) - body >= length


class Callers:
    """So many callers of one server, each with requests of its own."""

    def __init__(self, host: str, port: int, work: Sequence[Iterable[bytes]]) -> None:
        self._host, self._port, self._work = host, port, work
        self._latencies: list[float] = []
        self._callers: list[_Caller] = []

    async def connect(self) -> None:
        """Opens all connections. From here on until the end of `run` nothing is collected as garbage."""
        loop = asyncio.get_running_loop()
        self._left, self._done = len(self._work), loop.create_future()
        for requests in self._work:
            make = partial(_Caller, iter(requests), self._latencies, self._ended)
            _, caller = await loop.create_connection(make, self._host, self._port)
            self._callers.append(caller)
        gc.collect()
        gc.disable()

    async def run(self, seconds: float) -> tuple[list[float], float]:
        """The latencies of all calls, in seconds, and how long it took. Raises `CallError`."""
        try:
            began = time.perf_counter()
            for caller in self._callers:
                caller.begin(began + seconds)
            async with asyncio.timeout(seconds + _PATIENCE_S):
                await self._done
            return self._latencies, time.perf_counter() - began
        except TimeoutError:
            raise CallError("the server does not answer") from None
        finally:
            gc.enable()

    def _ended(self, error: Exception | None) -> None:
        self._left -= 1
        if not self._done.done() and (error or self._left == 0):
            self._done.set_exception(error) if error else self._done.set_result(None)
