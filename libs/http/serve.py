"""Serves an application until its process ends."""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TypeAlias

import uvicorn
from starlette.types import ASGIApp

from libs.http.bounded_protocol import BoundedProtocol, DrainingState
from libs.http.health import Check, health_app
from libs.runtime.ending import Ending
from libs.runtime.process import CannotStartError

Application: TypeAlias = ASGIApp
"""What is served."""

DATE_S = 1.0
LINGER_S = 0.3
"""What is under way on a kept connection when listeners close has so long to come before the connection is closed."""


class _Server(uvicorn.Server):
    """Leaves signals to the process, and resets nobody who had a connection before the end began."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.server_state: DrainingState = DrainingState()
        self._leaving = asyncio.Event()

    async def main_loop(self) -> None:
        """Wakes for the date that answers bear, not ten times as often to see whether it should leave."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(DATE_S):
                    await self._leaving.wait()

    def leave(self) -> None:
        """Ends it."""
        self.should_exit = True
        self._leaving.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield

    async def follow(self, ending: Ending) -> None:
        """Ends with the process."""
        await ending.begun.wait()
        self.server_state.drain()
        await ending.closing.wait()
        self.leave()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Raises `CannotStartError` where the port can't be had, instead of leaving the process at once."""
        try:
            await super().startup(sockets)
        except SystemExit as left:
            place, cause = f"{self.config.host}:{self.config.port}", left.__context__
            reason = os.strerror(cause.errno or 0) if isinstance(cause, OSError) else "it can't be listened at"
            raise CannotStartError(f"No server can be at {place}: {reason}.") from None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no more connections, then waits for what is under way on those that are there."""
        self.server_state.drain()
        for server in self.servers:
            server.close()
        if self.server_state.idle():
            await asyncio.sleep(LINGER_S)
        await super().shutdown(sockets)


def _shared(host: str, port: int) -> socket.socket:
    """A socket at a port where other processes of our user may listen, too: each connection is given to one of them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotStartError(f"No server can be at {host}:{port}: {os.strerror(error.errno or 0)}.") from None
    return listener


async def serve(
    app: Application,
    host: str,
    port: int,
    ending: Ending | None = None,
    drain_s: int = 10,
    *,
    shared: bool = False,
) -> None:
    """Serves an ASGI application until the process ends or it is cancelled, then lets requests under way end for
    `drain_s` seconds. From the beginning of the `ending` on each answer closes its connection. At a `shared` port other
    processes may serve as well.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="none",
        http=BoundedProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who needs the caller's address decides by itself whom to believe
        timeout_graceful_shutdown=drain_s,
    )
    ending, server = ending or Ending(), _Server(config)
    with ending.working():
        sockets = [_shared(host, port)] if shared else None
        serving, following = asyncio.create_task(server.serve(sockets)), asyncio.create_task(server.follow(ending))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.leave()
            await serving
            raise
        finally:
            following.cancel()


async def serve_health(host: str, port: int, checks: Mapping[str, Check], ending: Ending | None = None) -> None:
    """Serves the health routes for a process without an HTTP API of its own, until it ends."""
    await serve(health_app(checks), host, port, ending)
