"""A bare SMTP sink, and a bare client: what a message costs that nobody has thought about.

The sink takes everything and keeps nothing. It knows just enough of RFC 5321, and of pipelining (RFC 2920).
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import cast

MESSAGE_BYTES = 14_000
"""About what a reminder of one line weighs."""
_LINE = b"VGhpcyBpcyB3aGF0IGEgbGluZSBvZiBhIG1lc3NhZ2UgbG9va3MgbGlrZSBpbiBiYXNlNjQuIA==\r\n"
CONTENT = b"Subject: You left something behind\r\n\r\n" + _LINE * (MESSAGE_BYTES // len(_LINE))
_REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
_END = b"\r\n.\r\n"


class Sink:
    """Listens on the loopback. `expect` says of how many messages the news is awaited."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self._server: asyncio.Server | None = None
        self._expected = 0

    async def open(self, port: int) -> None:
        """Begins to listen; again changes nothing."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Session(self._took), "127.0.0.1", port)

    async def close(self) -> None:
        """Ends listening."""
        if self._server is not None:
            self._server.close()

    def expect(self, messages: int) -> "asyncio.Future[float]":
        """When the last of so many messages has come (`perf_counter`). `latencies` are of those since this call."""
        self.latencies, self._expected = [], messages
        self._all: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        return self._all

    def _took(self, seconds: float) -> None:
        self.latencies.append(seconds)
        if len(self.latencies) == self._expected:
            self._all.set_result(time.perf_counter())


class _Session(asyncio.Protocol):
    def __init__(self, took: Callable[[float], None]) -> None:
        self._took, self._buffer, self._in_data, self._began = took, b"", False, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._message() if self._in_data else self._command():
            continue

    def _command(self) -> bool:
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return False
        self._buffer, verb = rest, line[:4].upper()
        if verb == b"MAIL":
            self._began = time.perf_counter()
        self._in_data = verb == b"DATA"
        self._transport.write(_REPLIES.get(verb, b"250 ok\r\n"))
        if verb == b"QUIT":
            self._transport.close()
        return True

    def _message(self) -> bool:
        if not self._buffer.endswith(_END):  # nobody sends on before the answer to a message has come
            return False
        self._buffer, self._in_data = b"", False
        self._transport.write(b"250 2.0.0 Ok: queued as 4F1B22\r\n")
        self._took(time.perf_counter() - self._began)
        return True


class _Client(asyncio.Protocol):
    """One connection that sends messages as fast as they are taken: MAIL, RCPT and DATA together, then the content."""

    def __init__(self, messages: int) -> None:
        self._left, self._await, self._content = messages, 1, False
        self._began: float | None = None
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._await -= data.count(b"\r\n")
        if self._await > 0:
            return
        if self._content:
            self._transport.write(CONTENT + b".\r\n")
            self._await, self._content = 1, False
            return
        now = time.perf_counter()
        if self._began is not None:
            self.latencies.append(now - self._began)
        if self._left:
            self._left, self._began = self._left - 1, now
            self._transport.write(b"MAIL FROM:<a@bench.example>\r\nRCPT TO:<b@bench.example>\r\nDATA\r\n")
            self._await, self._content = 3, True
        else:
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the sink hung up"))


def shares_of(messages: int, connections: int) -> list[int]:
    """How many of the messages go over each connection."""
    return [messages // connections + (number < messages % connections) for number in range(connections)]


async def send(port: int, messages: int, connections: int) -> tuple[list[float], float]:
    """Sends so many messages over so many connections: the latencies of all, in seconds, and how long it took."""
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    made = [
        await loop.create_connection(partial(_Client, share), "127.0.0.1", port)
        for share in shares_of(messages, connections)
    ]
    clients = [client for _, client in made]
    await asyncio.gather(*(client.done for client in clients))
    return [taken for client in clients for taken in client.latencies], time.perf_counter() - began
