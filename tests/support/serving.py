"""Servers of tests: those that run in the test's own process, and when one that it has started can be asked: it says
nowhere that it listens, so asking is the signal.
"""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.types import ASGIApp

from deploy.local.program import free_ports
from tests.support.eventually import eventually
from tests.support.forks import Started

_GRACE_S = 1.0
"""What is under way when a server is to end has so long to come to its own end."""


def free_port() -> int:
    """One for a server that a test starts: of those that no outgoing connection is given, until the server is up."""
    return free_ports([0])[0]


async def listening(port: int, serving: "asyncio.Task[None]") -> None:
    """Returns once the task takes connections on the port; raises what it raised if it has ended."""

    async def takes() -> bool:
        if serving.done():
            serving.result()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True

    await eventually(takes, despite=OSError)


async def ready(http: httpx.AsyncClient, process: "Started | subprocess.Popen[bytes]") -> None:
    """Returns once the process says that it is ready; AssertionError if it has ended."""

    async def says_so() -> bool:
        assert process.poll() is None, f"the process ended with {process.poll()}"
        return (await http.get("/health/ready")).status_code == 200

    await eventually(says_so, despite=httpx.TransportError)


class HttpServer:
    """Serves an ASGI application on a free port, or at a socket that is given, until `stop`."""

    def __init__(self, application: ASGIApp, listener: socket.socket | None = None) -> None:
        listener = listener or socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = _Server(uvicorn.Config(application, lifespan="off", log_config=None, access_log=False))
        self._task = asyncio.create_task(self._server._serve([listener]))

    async def stop(self) -> None:
        """What is under way may come to an end."""
        self._server.left.set()
        await self._task


class _Server(uvicorn.Server):
    """Ends when it is told to: uvicorn's own looks ten times a second whether it should, and then waits once more."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.left = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.left.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        state = self.server_state
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(state.connections):
            connection.shutdown()
        try:
            await eventually(lambda: not (state.connections or state.tasks), within_s=_GRACE_S)
        except AssertionError:
            for task in list(state.tasks):
                task.cancel()


@asynccontextmanager
async def serving(application: ASGIApp) -> AsyncIterator[str]:
    """Serves an ASGI application on a free port until the block ends; gives its base URL."""
    server = HttpServer(application)
    try:
        yield server.url
    finally:
        await server.stop()
