"""Commands that a relay takes together, in one round trip, where it offers that (RFC 2920); else one by one."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponse, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol

BROKEN: Final = (SMTPException, OSError, TimeoutError)
LINE_MOST: Final = 8192
LINES_MOST: Final = 100
NO_REPLY: Final = -1
"""The code of what is no reply at all, as aiosmtplib has it."""
_CONTROL: Final = re.compile(rb"[\x00-\x1f\x7f]")
_REPLY: Final = re.compile(rb"([2-5]\d\d)([ -]|$)")


async def introduce(smtp: SMTP) -> None:
    """Says who we are and learns what the relay offers, once a session. Raises `BROKEN`."""
    if smtp.is_ehlo_or_helo_needed:
        try:
            await smtp.ehlo()
        except SMTPHeloError:
            if not smtp.is_connected:
                raise
            await smtp.helo()


async def replies(smtp: SMTP, commands: Sequence[bytes], timeout_s: float) -> tuple[list[SMTPResponse], bool]:
    """The replies in the order of the commands, and whether the session is in step with the relay after them.

    There are fewer of them where the session broke, and where the relay takes commands one by one and has refused one:
    what comes after that is not said. `timeout_s` is for each reply.
    """
    if any(_CONTROL.search(command) for command in commands):
        raise ValueError("a command holds a control character")
    if smtp.protocol is not None and smtp.supports_extension("pipelining"):
        return await _together(smtp.protocol, commands, timeout_s)
    return await _one_by_one(smtp, commands, timeout_s)


async def _one_by_one(smtp: SMTP, commands: Sequence[bytes], timeout_s: float) -> tuple[list[SMTPResponse], bool]:
    heard: list[SMTPResponse] = []
    for command in commands:
        try:
            heard.append(await smtp.execute_command(command, timeout=timeout_s))
        except SMTPResponseException as error:
            return [*heard, SMTPResponse(error.code, error.message)], False
        except BROKEN:
            return heard, False
        if not accepted(heard[-1]):
            break
    return heard, True


async def _together(own: SMTPProtocol, commands: Sequence[bytes], timeout_s: float) -> tuple[list[SMTPResponse], bool]:
    """aiosmtplib drops what comes while nobody waits for it, so meanwhile somebody else listens who keeps it all."""
    transport = own.transport
    if transport is None or transport.is_closing():
        return [], False
    reader = asyncio.StreamReader(limit=LINE_MOST)
    listener = _Listener(reader, own)
    listener.connection_made(transport)
    transport.set_protocol(listener)
    heard: list[SMTPResponse] = []
    try:
        own.write(b"".join(command + b"\r\n" for command in commands))
        for _ in commands:
            async with asyncio.timeout(timeout_s):
                heard.append(await _reply(reader))
            if heard[-1].code == NO_REPLY:
                return heard, False
    except BROKEN:
        return heard, False
    finally:
        transport.set_protocol(own)
    return heard, True


class _Listener(asyncio.StreamReaderProtocol):
    """Hears in the place of a session's own protocol, which is told of the end."""

    def __init__(self, reader: asyncio.StreamReader, own: SMTPProtocol) -> None:
        super().__init__(reader)
        self._own = own

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._own.connection_lost(exc)


async def _reply(reader: asyncio.StreamReader) -> SMTPResponse:
    """The next reply, all lines of it (RFC 5321, 4.2.1). Raises `ConnectionResetError` where it does not end."""
    said: list[str] = []
    for _ in range(LINES_MOST):
        try:
            line = await reader.readline()
        except ValueError:  # longer than any reply is
            break
        if not line.endswith(b"\n"):
            raise ConnectionResetError("hung up")
        text = line.rstrip(b"\r\n")
        start = _REPLY.match(text)
        if start is None:
            break
        said.append(text[4:].decode("utf-8", "surrogateescape"))
        if start[2] != b"-":
            return SMTPResponse(int(start[1]), "\n".join(said))
    return SMTPResponse(NO_REPLY, "")


def accepted(reply: SMTPResponse) -> bool:
    """Whether it is a yes: the first digit decides (RFC 5321, 4.3.2)."""
    return 200 <= reply.code < 300
