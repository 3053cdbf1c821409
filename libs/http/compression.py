"""Large answers go out compressed to whoever takes gzip."""

import re

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST = 4 * 1024
"""Bytes below which nobody would notice a gain; the cart of a few lines is smaller."""
LEVEL = 4
"""Of zlib's nine: a cart of 100 lines becomes a tenth of itself, in a third of the time that level 9 takes."""
AS_IT_IS = "no-transform"
"""In `Cache-Control`: a secret stands in the answer beside what others chose, so its length must not tell (BREACH)."""
_REFUSED = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class Compressed:
    """Wraps an application. Streams of events, what is compressed already, and what says `no-transform` stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        accepted = Headers(scope=scope).get("accept-encoding", "")
        if "gzip" in accepted and not _REFUSED.search(accepted):
            responder: IdentityResponder = GZipResponder(self._app, SMALLEST, LEVEL)
        else:
            responder = IdentityResponder(self._app, SMALLEST)
        responder.send = send
        plain = False

        async def choose(message: Message) -> None:
            nonlocal plain
            if message["type"] == "http.response.start":
                plain = AS_IT_IS in Headers(raw=message.get("headers", [])).get("cache-control", "")
            await (send if plain else responder.send_with_compression)(message)

        await self._app(scope, receive, choose)
