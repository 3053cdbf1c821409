"""An HTTP/1.1 client for servers of ours that takes a fifth of what httpx does: asyncio, httptools, kept connections.

It knows no proxies, no redirects and no compressed answers.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import httptools

STALE_AFTER_S = 2.0
"""A connection that idled longer is not used again: the server may be closing it (uvicorn does after 5 s)."""


class HttpError(Exception):
    """There was no answer: no connection, a timeout, or nonsense."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:  # noqa: ANN401 - JSON is what the server says it is
        """The body as JSON. Raises `HttpError` when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise HttpError(f"the answer {self.status} is not JSON") from None


class _Connection(asyncio.Protocol):
    """One request at a time; httptools calls the `on_…` methods while it parses."""

    def __init__(self) -> None:
        self.idle_since = time.monotonic()
        self.closed = False
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance

    def send(self, request: bytes) -> "asyncio.Future[Answer]":
        """Writes a request; the future holds its answer."""
        assert self._transport is not None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Gives the connection up."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            return self.close()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("the server does not speak HTTP")
            self.close()
        return None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.closed = True
        self._fail("the server closed the connection")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        waiting, self._waiting = self._waiting, None
        if not self._parser.should_keep_alive():
            self.close()
        self.idle_since = time.monotonic()
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(self._parser.get_status_code(), self._headers, b"".join(self._body)))

    def _fail(self, why: str) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(HttpError(why))


class HttpClient:
    """Requests to one server, over at most `size` connections at once; by https whom `tls` trusts, else whom the system
    does. Raises `HttpError` where there is no answer.
    """

    def __init__(
        self, base_url: str, *, size: int = 16, timeout_s: float = 30.0, tls: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise HttpError(f"{base_url} is not an http or https URL")
        self.base_url = base_url.rstrip("/")
        self._host, self._path = parts.hostname, parts.path.rstrip("/")
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._head = f"Host: {parts.netloc}\r\n".encode()
        self._timeout_s, self._free, self._idle = timeout_s, asyncio.Semaphore(size), list[_Connection]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            self._idle.pop().close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """One request; `body` is sent as JSON unless it is bytes or None."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return await self.send(self.prepare(method, path, headers or {}, raw), timeout_s)

    def prepare(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The bytes of a request, which may be sent any number of times."""
        lines = [f"{method} {self._path}{path} HTTP/1.1\r\n".encode("ascii"), self._head]
        lines += [f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items()]
        if body or method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n".encode())
        return b"".join((*lines, b"\r\n", body))

    async def send(self, request: bytes, timeout_s: float | None = None) -> Answer:
        """Sends prepared bytes and waits for the answer."""
        async with self._free:
            connection = await self._connection()
            try:
                async with asyncio.timeout(timeout_s or self._timeout_s):
                    answer = await connection.send(request)
            except TimeoutError:
                connection.close()
                raise HttpError(f"{self.base_url} did not answer in time") from None
            except BaseException:
                connection.close()
                raise
            if not connection.closed:
                self._idle.append(connection)
            return answer

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and time.monotonic() - connection.idle_since < STALE_AFTER_S:
                return connection
            connection.close()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s):
                _, made = await loop.create_connection(_Connection, self._host, self._port, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            raise HttpError(f"{self.base_url} cannot be reached: {error or 'no answer'}") from None
        return made
