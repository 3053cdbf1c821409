"""What ops ask a process: does it live, is it ready, what are its figures."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from libs.runtime.arriving import BoundedProtocol
from libs.runtime.catalogue import COMMON
from libs.runtime.last_resort import LastResort
from libs.runtime.problem_pages import problem_routes

Check = Callable[[], Awaitable[None]]
"""Returns when the thing that it checks can be used; raises when it can't."""

CHECK_TIMEOUT_S = 2.0


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """`/health/live`, `/health/ready` (503 with the names of the failing checks) and `/metrics` (Prometheus)."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        outcomes = await asyncio.gather(*(_passes(c) for c in checks.values()))
        failing = [name for name, passed in zip(checks, outcomes, strict=True) if not passed]
        status = "unavailable" if failing else "ready"
        return JSONResponse({"status": status, "failing": failing}, 503 if failing else 200)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]


async def _passes(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except Exception:  # noqa: BLE001 - whatever goes wrong in a check means: not ready
        return False
    return True


async def serve_health(host: str, port: int, checks: Mapping[str, Check], more: Sequence[Route] = ()) -> None:
    """Serves the health routes, and `more`, for a process without an HTTP API of its own, until cancelled."""
    await serve(health_app(checks, more), host, port)


def health_app(checks: Mapping[str, Check], more: Sequence[Route] = ()) -> ASGIApp:
    """The application of such a process: health routes, `more`, and problem documents for all else."""
    app = Starlette(routes=[*health_routes(checks), *more, *problem_routes(COMMON)])
    app.router.redirect_slashes = False
    COMMON.answer_errors(app)
    return LastResort(app, COMMON)


class _Server(uvicorn.Server):
    """Leaves signals to the process: it is cancelled like every other role."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


async def serve(app: Callable[..., Awaitable[None]], host: str, port: int, drain_s: int = 10) -> None:
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
