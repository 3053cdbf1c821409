"""What a mail program does when its reader presses "Unsubscribe" (RFC 8058): one POST, without a log-in."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.playground.content import read_content
from deploy.playground.http import ProblemError, read_json
from deploy.playground.outgoing import UnreachableError, post_form
from deploy.playground.reader import Reader


class Unsubscribing:
    """``POST /api/messages/{id}/unsubscribe``. The letter names the path; the host is the notifier's, always."""

    def __init__(self, reader: Reader, notifier_url: str) -> None:
        self._reader = reader
        self._notifier_url = notifier_url

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/api/messages/{id:int}/unsubscribe", self.unsubscribe, methods=["POST"])]

    async def unsubscribe(self, request: Request) -> Response:
        """204 once the notifier has taken it."""
        await read_json(request)
        summary, raw = await self._reader.open(request)
        content = await asyncio.to_thread(read_content, summary.channel, raw)
        headers = {name.lower(): value for name, value in content.headers}
        link = urlsplit(headers.get("list-unsubscribe", "").strip("<> "))
        if headers.get("list-unsubscribe-post") != "List-Unsubscribe=One-Click" or link.scheme not in ("http", "https"):
            raise ProblemError(409, "no-one-click", "this letter does not offer to unsubscribe with one click")
        if not self._notifier_url:
            raise ProblemError(503, "no-notifier", "the playground was not told where the notifier is")
        url = self._notifier_url + link.path + (f"?{link.query}" if link.query else "")
        try:
            status = await asyncio.to_thread(post_form, url, {"List-Unsubscribe": "One-Click"}, {})
        except UnreachableError:
            raise ProblemError(502, "notifier-unreachable", "the notifier does not answer") from None
        if status >= 400:
            raise ProblemError(502, "notifier-refused", f"the notifier answered {status}")
        return Response(status_code=204)
