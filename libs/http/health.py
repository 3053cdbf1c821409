"""What ops ask a process: does it live, is it ready, what are its figures."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from libs.http.catalogue import COMMON
from libs.http.last_resort import LastResort
from libs.http.problem_pages import problem_routes

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


def health_app(checks: Mapping[str, Check], more: Sequence[Route] = ()) -> ASGIApp:
    """The application of such a process: health routes, `more`, and problem documents for all else."""
    app = Starlette(routes=[*health_routes(checks), *more, *problem_routes(COMMON)])
    app.router.redirect_slashes = False
    COMMON.answer_errors(app)
    return LastResort(app, COMMON)
