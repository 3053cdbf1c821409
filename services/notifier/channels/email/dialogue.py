"""What is said and heard on an SMTP session while a message goes over it.

aiosmtplib drops what comes while nobody waits for it, and each of its commands takes a lock, a task and a timer: half
of what a message costs here. So meanwhile this hears in the place of the session's own protocol, and keeps all replies.
"""

import asyncio
import re
from collections import deque
from typing import Final, cast

from aiosmtplib import SMTPResponse
from aiosmtplib.protocol import SMTPProtocol

LINE_MOST: Final = 8192
LINES_MOST: Final = 100
UNREAD_MOST: Final = 100
"""So many replies may have come that nobody has asked for; whoever sends more is hung up on."""
NO_REPLY: Final = -1
"""The code of what is no reply at all, as aiosmtplib has it."""
_REPLY: Final = re.compile(rb"([2-5]\d\d)([ -]|$)")


class Dialogue(asyncio.Protocol):
    """Speaks in the place of a session's own protocol, which is told of the end, until `leave`.

    Raises `ConnectionResetError` wherever the relay has hung up.
    """

    def __init__(self, own: SMTPProtocol) -> None:
        if own.transport is None or own.transport.is_closing():
            raise ConnectionResetError("hung up")
        self._own, self._transport = own, cast("asyncio.Transport", own.transport)
        self._heard = deque[SMTPResponse]()
        self._lines: list[str] = []
        self._rest = b""
        self._paused = self._ended = False
        self._waiting: asyncio.Future[None] | None = None
        self._transport.set_protocol(self)

    @property
    def spoken(self) -> bool:
        """Whether the relay has said something that nobody has read yet."""
        return bool(self._heard or self._lines or self._rest)

    def leave(self) -> None:
        """The session's own protocol hears again."""
        if not self._ended:
            self._transport.set_protocol(self._own)

    def write(self, content: bytes) -> None:
        """Sends bytes as they are."""
        if self._ended or self._transport.is_closing():
            raise ConnectionResetError("hung up")
        self._transport.write(content)

    async def written(self, timeout_s: float) -> None:
        """Waits until what was written has left us, or until the relay speaks. Raises `TimeoutError`."""
        if self._paused and not self._heard:
            await self._wait(timeout_s)
        if self._ended and not self._heard:
            raise ConnectionResetError("hung up")

    async def reply(self, timeout_s: float) -> SMTPResponse:
        """The next reply, all lines of it (RFC 5321, 4.2.1); `NO_REPLY` for what is none. Raises `TimeoutError`."""
        while not self._heard:
            if self._ended:
                raise ConnectionResetError("hung up")
            await self._wait(timeout_s)
        return self._heard.popleft()

    async def _wait(self, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        late = loop.call_later(timeout_s, self._wake, TimeoutError())
        try:
            await self._waiting
        finally:
            late.cancel()
            self._waiting = None

    def _wake(self, error: Exception | None = None) -> None:
        if self._waiting is None or self._waiting.done():
            return
        if error is None:
            self._waiting.set_result(None)
        else:
            self._waiting.set_exception(error)

    def data_received(self, data: bytes) -> None:
        """Keeps whole replies."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._hear(line.rstrip(b"\r"))
        if len(self._rest) > LINE_MOST:
            self._rest = b""
            self._hear(b"")

    def _hear(self, line: bytes) -> None:
        start = _REPLY.match(line)
        self._lines.append(line[4:].decode("utf-8", "surrogateescape").strip())
        if start is None or len(line) > LINE_MOST or len(self._lines) > LINES_MOST:
            self._end_reply(NO_REPLY)
        elif start[2] != b"-":
            self._end_reply(int(start[1]))

    def _end_reply(self, code: int) -> None:
        self._heard.append(SMTPResponse(code, "" if code == NO_REPLY else "\n".join(self._lines)))
        self._lines.clear()
        if len(self._heard) > UNREAD_MOST:
            self._transport.abort()
        self._wake()

    def pause_writing(self) -> None:
        """More is written than the relay takes."""
        self._paused = True

    def resume_writing(self) -> None:
        """It has taken enough."""
        self._paused = False
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The session's own protocol has to know."""
        self._ended = True
        self._wake()
        self._own.connection_lost(exc)
