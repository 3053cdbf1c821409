"""Figures and documents can be kept off the port that everybody reaches."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.catalogue import COMMON
from libs.http.problems import Problem
from libs.http.serve import serve
from libs.runtime.ending import Ending
from libs.runtime.process import shorten_collections

OPS_PATHS = ("/metrics", "/docs", "/openapi.json", "/static-offline-docs")
"""They tell nobody's data, but how busy a shop is, and how to call it."""


class WithoutOpsPaths:
    """Wraps an application whose port is public: what only ops and developers ask is not there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        path: str = scope.get("path", "")
        if any(path == one or path.startswith(f"{one}/") for one in OPS_PATHS):
            await COMMON.answer(Problem(404, "not-found", "There is nothing at this address."))(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def serve_public(
    app: ASGIApp,
    host: str,
    port: int,
    apart: tuple[str, int] | None,
    ending: Ending | None = None,
    *,
    shared: bool = False,
) -> None:
    """Serves an application until its process ends; with another place `apart`, its ops paths are there alone. Other
    processes may serve at a `shared` port.
    """
    shorten_collections()
    if apart is None:
        await serve(app, host, port, ending, shared=shared)
        return
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(WithoutOpsPaths(app), host, port, ending, shared=shared))
        tasks.create_task(serve(app, *apart, ending))
