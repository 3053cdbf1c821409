"""The outermost layer of a server: whatever goes wrong, the caller gets a problem document."""

import traceback

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.http.catalogue import Catalogue
from libs.http.problems import Problem

log = structlog.get_logger(__name__)


NO_SNIFFING = (b"x-content-type-options", b"nosniff")


class LastResort:
    """Wraps an application whose unforeseen errors would end as the server's plain text."""

    def __init__(self, app: ASGIApp, catalogue: Catalogue) -> None:
        self._app, self._catalogue = app, catalogue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        began = False

        async def watched(message: Message) -> None:
            nonlocal began
            began = True
            no_sniffing(message)
            await send(message)

        if scope["type"] == "http" and ("\x00" in scope["path"] or b"%00" in scope["query_string"]):
            problem = Problem(400, "bad-request", "No address holds a NUL.")  # PostgreSQL stores none
            await self._catalogue.answer(problem)(scope, receive, watched)
            return
        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, the caller gets an answer
            log_failure(error)
            if not began and scope["type"] == "http":
                await self._catalogue.failed()(scope, receive, watched)


def no_sniffing(message: Message) -> None:
    """Has browsers take an answer for what it says it is, whatever a shopper wrote into it."""
    if message["type"] == "http.response.start":
        headers = message.get("headers", ())
        if NO_SNIFFING not in headers:
            message["headers"] = [*headers, NO_SNIFFING]


def log_failure(error: Exception) -> None:
    """Logs where it went wrong, not what with: messages of database errors quote values."""
    where = "".join(traceback.format_tb(error.__traceback__)[-8:])
    log.error("request.failed", error=type(error).__name__, where=where)
