"""Has an identity provider asked for a key that is not known yet, before the request is looked at."""

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.runtime.problems import Problem
from services.cart.auth.challenges import bearer
from services.cart.stores.registry import Book


class Meeting:
    """Wraps the application: the only place where somebody waits for a provider, and not for long. Checking a token
    stays a matter of memory, so that the hot routes wait for nobody.
    """

    def __init__(self, app: ASGIApp, book: Book) -> None:
        self._app, self._book = app, book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if self._book.providers and scope["type"] == "http":
            await self._meet(scope)
        await self._app(scope, receive, send)

    async def _meet(self, scope: Scope) -> None:
        entry = self._book.of_path(scope["path"])
        if entry is None or entry.door.customers.provider is None:
            return
        for name, value in scope["headers"]:
            if name == b"authorization":
                try:
                    await entry.door.customers.meet(bearer(value.decode("latin-1")))
                except Problem:
                    return  # the endpoint says so
