"""The application of the pages: routes, and every refusal as a page of words."""

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from libs.http.compression import Compressed
from libs.http.problems import Problem
from libs.postgres.errors import OUTAGES
from services.console.clients.service import ServiceError
from services.console.web.house import House
from services.console.web.pages import (
    audit,
    backtests,
    campaigns,
    cancelling,
    carts,
    copies,
    customers,
    health,
    home,
    keys,
    letters,
    log_in,
    merges,
    messages,
    pauses,
    people,
    replies,
    settings,
    stock,
    template_edit,
    template_versions,
    templates,
    tests,
    today,
    upcoming,
    winner,
)
from services.console.web.refusals import LogInFirst, PageRefusal
from services.console.web.rendering import STATIC, page, path_of
from services.console.web.visits import Visit, told_in

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    log_in.router,
    today.router,
    campaigns.router,
    backtests.router,
    pauses.router,
    customers.router,
    carts.router,
    merges.router,
    messages.router,
    winner.router,
    tests.router,
    copies.router,
    templates.router,
    template_edit.router,
    template_versions.router,
    stock.router,
    replies.router,
    health.router,
    upcoming.router,
    cancelling.router,
    letters.router,
    settings.router,
    keys.router,
    people.router,
    audit.router,
)
log = structlog.get_logger(__name__)


class _Kept(StaticFiles):
    """Files whose address changes with them: browsers keep them for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file of ours."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def pages(house: House) -> ASGIApp:
    """The pages, as an application that answers everything with a page."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = house
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", _Kept(directory=STATIC))
    app.add_exception_handler(LogInFirst, _to_log_in)
    for kind in (PageRefusal, ServiceError, Problem, HTTPException, RequestValidationError, *OUTAGES, Exception):
        app.add_exception_handler(kind, _refused)
    return Compressed(app)


async def _to_log_in(request: Request, error: Exception) -> Response:
    assert isinstance(error, LogInFirst), "registered for nothing else"
    onwards = path_of("log-in", next=error.path if error.path != "/" else "")
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": onwards})
    return RedirectResponse(onwards, 303, {"Cache-Control": "no-store"})


async def _refused(request: Request, error: Exception) -> Response:
    house: House = request.app.state.services
    visit = Visit(request, house, *told_in(request, house, None), token="")
    status, key, detail = _told(error)
    return page(visit, "refusal.html", status, key=key, detail=detail)


def _told(error: Exception) -> tuple[int, str, str]:
    if isinstance(error, PageRefusal):
        return error.status, error.key, error.detail
    if isinstance(error, ServiceError):
        log.warning("pages.service_refused", service=error.service, status=error.status)
        return (502, "silent", error.service) if error.silent else (409, "service", error.detail)
    if isinstance(error, Problem):
        return error.status, "bad_request", error.detail
    if isinstance(error, RequestValidationError):
        return 404, "not_found", ""
    if isinstance(error, HTTPException):
        return error.status_code, "not_found" if error.status_code in (404, 405) else "bad_request", ""
    if isinstance(error, tuple(OUTAGES)):
        return 503, "outage", ""
    log.error("pages.failed", error=type(error).__name__)
    return 500, "failed", ""
