"""A way to a server that can go silent: nothing arrives any more, nothing is closed, as where a firewall forgets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class SilentProxy:
    """Passes bytes on until it is told to keep them."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._silent = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []

    def go_silent(self) -> None:
        self._silent.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._silent.is_set():
            self._writers.append(writer)
            return
        there, back = await asyncio.open_connection(self._host, self._port)
        self._writers += [writer, back]
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if self._silent.is_set():
                return
            writer.write(data)
        if not self._silent.is_set():
            writer.close()

    def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def silent_proxy(dsn: str) -> AsyncIterator[tuple[SilentProxy, str]]:
    """The proxy, and the DSN by which it is used."""
    parts = urlsplit(dsn)
    proxy = SilentProxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    server = await asyncio.start_server(proxy.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = parts.netloc.rpartition("@")[0]
    try:
        yield proxy, urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{port}"))
    finally:
        proxy.close()
        server.close()
