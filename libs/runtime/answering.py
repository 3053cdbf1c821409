"""Answers in one piece: uvicorn writes the head and the body of an answer apart, each a system call and a packet."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1."


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's protocol, except that a head waits for the body that comes with it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client has connected."""
        super().connection_made(cast("asyncio.Transport", _Holding(transport)))


class _Holding:
    """A transport that keeps a head back until something is written after it, or until the loop turns."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._head = transport, b""
        self._soon = asyncio.get_running_loop().call_soon

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the transport's own
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Writes now what follows a head, and soon a head that nothing follows."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data.startswith(_HEAD):
            self._head = data
            self._soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Closes once everything has been written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)
