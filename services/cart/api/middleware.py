"""The outermost layer: figures, CORS, and the last resort for errors. Nothing here looks into a body."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.http.bounded_protocol import WHOLE
from libs.http.last_resort import log_failure, no_sniffing
from services.cart.api.errors import CATALOGUE
from services.cart.auth.authenticators import Authenticators

REQUESTS = Counter("evercart_cart_requests_total", "Requests by route and status", ["method", "route", "status"])
SECONDS = Histogram(
    "evercart_cart_request_seconds",
    "Time from the first byte of a request to its answer, by route",
    ["method", "route"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"})
PREFLIGHT_S = "7200"
ALLOWED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Cart-Id, X-Cart-Token, "
    "X-Device, X-Origin, X-Publishable-Key"
)
RawHeaders = Sequence[tuple[bytes, bytes]]
Whole = Callable[[int, RawHeaders, bytes], bool]
EXPOSED_HEADERS = "ETag, Idempotency-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A web origin whose pages may read the answer, with cookies or without."""

    origin: str
    cookies: bool


class EdgeMiddleware:
    """Wraps the application. `authenticators` know the web origins that may call from a browser, `paths` maps the
    endpoints of plain routes, which FastAPI leaves out of the scope, to their templates.
    """

    def __init__(self, app: ASGIApp, authenticators: Authenticators, paths: Mapping[object, str] | None = None) -> None:
        self._app, self._authenticators, self._paths = app, authenticators, paths or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = _header(scope, b"origin")
        allowed = self._allowed(scope, origin) if origin else None
        if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method"):
            await _preflight(allowed)(scope, receive, send)
            return
        await self._serve(scope, receive, send, origin is not None, allowed)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, crossing: bool, allowed: Allowed | None) -> None:
        began, status = time.perf_counter(), 0
        whole: Whole | None = scope.get(WHOLE)

        def sent_whole(code: int, headers: RawHeaders, body: bytes) -> bool:
            nonlocal status
            message: Message = {"type": "http.response.start", "status": code, "headers": list(headers)}
            no_sniffing(message)
            if crossing:
                _allow(MutableHeaders(scope=message), allowed)
            if whole is None or not whole(code, message["headers"], body):
                return False
            status = code
            return True

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                no_sniffing(message)
                if crossing:
                    _allow(MutableHeaders(scope=message), allowed)
            await send(message)

        scope[WHOLE] = sent_whole
        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, the caller gets an answer
            log_failure(error)
            if not status:
                await CATALOGUE.failed()(scope, receive, watched)
        finally:
            self._count(scope, status, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        plain = self._paths.get(scope.get("endpoint"), "unmatched")
        route = getattr(scope.get("route"), "path", plain)
        method = scope["method"] if scope["method"] in METHODS else "other"
        requests, durations = _figures(method, route, status or 499)
        requests.inc()
        durations.observe(seconds)

    def _allowed(self, scope: Scope, origin: str) -> Allowed | None:
        """What a page may do with the answer, if it may see it. A preflight carries no key: any origin of the store."""
        if (entry := self._authenticators.stores.of_path(scope["path"])) is not None:
            shown = self._authenticators.of(entry).allows_origin(origin, _header(scope, b"x-publishable-key"))
            return Allowed(origin, entry.store.cookie != "off") if shown else None
        if scope["path"].startswith(("/v1/recovery/", "/v1/shared/")) and origin in self._authenticators.origins():
            return Allowed(origin, cookies=False)
        return None


@cache
def _figures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None


def _allow(headers: MutableHeaders, allowed: Allowed | None) -> None:
    headers.add_vary_header("Origin")
    if allowed is not None:
        headers["Access-Control-Allow-Origin"] = allowed.origin
        headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        if allowed.cookies:
            headers["Access-Control-Allow-Credentials"] = "true"


def _preflight(allowed: Allowed | None) -> Response:
    headers = {"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
    if allowed is not None:
        headers["Access-Control-Allow-Origin"] = allowed.origin
        headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        headers["Access-Control-Max-Age"] = PREFLIGHT_S
        if allowed.cookies:
            headers["Access-Control-Allow-Credentials"] = "true"
    return Response(status_code=204, headers=headers)
