"""Serves an application until its process ends."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import uvicorn
from starlette.routing import Route
from starlette.types import ASGIApp

from libs.http.bounded_protocol import BoundedProtocol
from libs.http.health import Check, health_app

Application: TypeAlias = ASGIApp
"""What is served."""


class _Server(uvicorn.Server):
    """Leaves signals to the process: it is cancelled like every other role."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


async def serve(app: Application, host: str, port: int, drain_s: int = 10) -> None:
    """Serves an ASGI application until cancelled, then lets requests under way end for `drain_s` seconds."""
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
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


async def serve_health(host: str, port: int, checks: Mapping[str, Check], more: Sequence[Route] = ()) -> None:
    """Serves the health routes, and `more`, for a process without an HTTP API of its own, until cancelled."""
    await serve(health_app(checks, more), host, port)
