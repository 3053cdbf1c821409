"""The express way: the hot calls go straight to their endpoints, past all middlewares but the outermost, and past the
framework's router; a small answer goes to the connection in one piece.

It takes exact methods and paths only. Whatever else comes (HEAD, a wrong method, a slash too many, a query) goes the
framework's way, where the same routes stand; an error is answered by the same handlers on both ways.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.bounded_protocol import WHOLE
from libs.http.compression import SMALLEST, Compressed
from libs.http.headers import IndexedHeaders
from services.cart.api.provider_lookup import ProviderLookup

PREFIX = "/v1/stores/"
STORE = PREFIX + "{store_id}/"

Handler = Callable[[Request, Any], Awaitable[Response] | Response]
"""Answers the errors of one kind; the framework lets it be asynchronous or not."""


class HotRequest(Request):
    """The framework's, with headers that are found at once."""

    @property
    def headers(self) -> IndexedHeaders:
        """Those of the request."""
        known: IndexedHeaders | None = getattr(self, "_indexed", None)
        if known is None:
            known = self._indexed = IndexedHeaders(self.scope["headers"])
        return known


class Express:
    """Stands before `rest`, which is all of the application, and shares the error handlers of the framework's `app`,
    but the one for whatever nobody foresaw. Where callers need it a provider is asked for keys first.

    Each of `routes` begins with the store's path and has no other parameter.
    """

    def __init__(
        self, app: ASGIApp, routes: Sequence[Route], handlers: Mapping[Any, Handler], rest: ProviderLookup
    ) -> None:
        self._app, self._rest = app, rest
        self._handlers = {kind: handler for kind, handler in handlers.items() if kind is not Exception}
        self._endpoints = {
            (method, route.path.removeprefix(STORE)): route.endpoint
            for route in routes
            for method in (route.methods or set()) - {"HEAD"}
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; an error that no handler knows goes on to the caller."""
        path: str = scope.get("path", "")
        store_id, _, rest = path[len(PREFIX) :].partition("/")
        endpoint = self._endpoints.get((scope.get("method", ""), rest))
        if endpoint is None or not store_id or scope["query_string"] or not path.startswith(PREFIX):
            await self._rest(scope, receive, send)
            return
        if self._rest.needed:
            await self._rest.fetch_key(scope)
        scope["app"], scope["endpoint"], scope["path_params"] = self._app, endpoint, {"store_id": store_id}
        request = HotRequest(scope, receive, send)
        try:
            response = await endpoint(request)
        except Exception as error:
            handler = self._handler(error)
            if handler is None:
                raise
            answer = handler(request, error)
            response = answer if isinstance(answer, Response) else await answer
        if len(response.body) >= SMALLEST:
            await Compressed(response)(scope, receive, send)
        elif (whole := scope.get(WHOLE)) is None or not whole(
            response.status_code, response.raw_headers, response.body
        ):
            await response(scope, receive, send)

    def _handler(self, error: Exception) -> Handler | None:
        return next((self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers), None)
