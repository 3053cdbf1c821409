"""Bounds on requests while they arrive, before there is anything for an application to look at.

The parser itself reads headers without end, and waits for them, and for a body, as long as a caller likes.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast
from weakref import ref

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import (
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from libs.http.catalogue import COMMON
from libs.http.problems import Problem

ARRIVAL_S = 30.0
"""From its first byte on, or from the opening of the connection, a request has so long to arrive whole."""
MAX_HEAD = 32 * 1024
"""Bytes of a request line and headers that come in pieces, but for the first: that may hold the end of another request,
and no more fits into it than a read brings.
"""
MAX_HEADERS = 100
ABORT = "evercart.abort"
"""In a request's scope: what ends its connection at once, with all that waits in it for its reader."""
WHOLE = "evercart.whole"
"""In a request's scope: sends an answer at once (status, headers, body). False where it has to go the usual way, in
messages: nothing was sent then.
"""


BODY = "evercart.body"
"""In a request's scope: takes the body where all of it is here (the usual case), without waiting; None where it has to
be received in messages: nothing was taken then.
"""


class DrainingState(ServerState):
    """What the connections of a server share: whether they are to end."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False

    def drain(self) -> None:
        """From now on each answer is the last one on its connection, and says so."""
        self.draining = True
        for connection in self.connections:
            if isinstance(connection, BoundedProtocol) and connection.cycle is not None:
                connection.cycle.keep_alive = False

    def idle(self) -> bool:
        """Whether a connection waits for a request, or has begun to bring one."""
        return any(isinstance(one, BoundedProtocol) and one.waits() for one in self.connections)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with bounds. A request that arrives in one piece costs no timer."""

    _deadline: asyncio.TimerHandle | None = None
    _in_head, _whole, _head, _begun, _first = True, False, 0, False, False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Waits for the first request, but not for ever."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(ARRIVAL_S, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no more."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes a piece of a request."""
        super().data_received(data)
        if self._whole:
            return
        if self._deadline is None:
            self._deadline = self.loop.call_later(ARRIVAL_S, self._late)
        if self._in_head:
            self._head += 0 if self._first else len(data)
            self._first = False
            if self._head > MAX_HEAD:
                self._refuse(_too_long())

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._in_head, self._whole, self._head, self._begun, self._first = True, False, 0, True, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._in_head = False
        if len(self.headers) > MAX_HEADERS:
            self._refuse(_too_long())
        else:
            scope = cast("dict[str, object]", self.scope)
            scope[ABORT] = self.transport.abort
            super().on_headers_complete()
            cycle = ref(self.cycle)  # it has the scope: what stands in a circle is freed by a collection only
            scope[WHOLE], scope[BODY] = _Whole(cycle), _Body(cycle)  # the task that answers has not begun yet
            if cast("DrainingState", self.server_state).draining:
                self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A piece of a body; of nothing, where the head was refused."""
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        self._whole = True
        self._disarm()
        if self.cycle is not None:
            super().on_message_complete()

    def waits(self) -> bool:
        """Whether no request is being answered here."""
        return self.cycle is None or self.cycle.response_complete

    def shutdown(self) -> None:
        """Ends when what is under way is answered: also a request of which only the beginning is there."""
        if not (self._begun and self._in_head):
            super().shutdown()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words, which say nothing more
        """Answers what is no HTTP as every error is answered."""
        self._refuse(Problem(400, "bad-request", "This is no HTTP request."))

    def _late(self) -> None:
        self._deadline = None
        self._refuse(Problem(408, "request-timeout", "The request did not arrive in time."))

    def _refuse(self, problem: Problem) -> None:
        """Answers instead of the application, unless that has begun to; the connection ends either way."""
        self._disarm()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_raw(COMMON.answer(problem)))
        self.transport.close()

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Body:
    """Takes a body at once: the way by messages costs a generator, two events and a look at each header."""

    __slots__ = ("_cycle", "_taken")

    def __init__(self, cycle: "ref[RequestResponseCycle]") -> None:
        self._cycle, self._taken = cycle, False

    def __call__(self) -> bytes | None:
        """The body; None while some of it is on the way, or where its sender has gone, or waits to be told to send."""
        cycle = self._cycle()
        if cycle is None or cycle.more_body or cycle.disconnected:
            return None
        if cycle.response_complete or cycle.waiting_for_100_continue:
            return None
        assert not self._taken, "a body is there once"
        self._taken, body, cycle.body = True, bytes(cycle.body), bytearray()
        cycle.message_event.clear()  # what may come now is the end of the connection
        cycle.flow.resume_reading()
        return body


class _Whole:
    """Sends an answer as uvicorn does, but in one piece: two messages, two system calls and a second waking of the
    reader cost more than most answers take to make.
    """

    __slots__ = ("_cycle",)

    def __init__(self, cycle: "ref[RequestResponseCycle]") -> None:
        self._cycle = cycle

    def __call__(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Sends it; the headers hold the length of the body. False where the reader is slow, or has gone."""
        cycle = self._cycle()
        if cycle is None or cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
            return False
        parts = [STATUS_LINE[status]]
        for name, value in (*cycle.default_headers, *headers):
            if HEADER_VALUE_RE.search(value):
                return False
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n", body)
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join(parts))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True


def _too_long() -> Problem:
    detail = f"A request has at most {MAX_HEADERS} headers and {MAX_HEAD} bytes before its body here."
    return Problem(431, "headers-too-large", detail)


def _raw(answer: Response) -> bytes:
    status = HTTPStatus(answer.status_code)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), b"connection: close"]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
