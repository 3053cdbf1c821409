"""The express way: the hot calls go straight to their endpoints, past the framework's middlewares and router.

It takes exact methods and paths only. Whatever else comes (HEAD, a wrong method, a slash too many) goes the framework's
way, where the same routes stand; an error is answered by the same handlers on both ways.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/v1/stores/"
STORE = PREFIX + "{store_id}/"

Handler = Callable[[Request, Any], Awaitable[Response] | Response]
"""Answers the errors of one kind; the framework lets it be asynchronous or not."""


class Express:
    """Wraps the framework's application and shares its error handlers, but the one for whatever nobody foresaw.

    Each of `routes` begins with the store's path and has no other parameter.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[Route], handlers: Mapping[Any, Handler]) -> None:
        self._app = app
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
        if endpoint is None or not store_id or not path.startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        scope["app"], scope["endpoint"], scope["path_params"] = self._app, endpoint, {"store_id": store_id}
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except Exception as error:
            handler = self._handler(error)
            if handler is None:
                raise
            answer = handler(request, error)
            response = answer if isinstance(answer, Response) else await answer
        await response(scope, receive, send)

    def _handler(self, error: Exception) -> Handler | None:
        return next((self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers), None)
