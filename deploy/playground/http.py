"""The few HTTP habits that the playground's routes share."""

from __future__ import annotations

import json
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 256 * 1024


class ProblemError(Exception):
    """An answer that is an RFC 9457 problem document."""

    def __init__(self, status: int, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail


async def problem_response(_: Request, failure: Exception) -> Response:
    """Starlette's handler for `ProblemError`."""
    assert isinstance(failure, ProblemError)
    body = {
        "type": f"urn:evercart:problem:{failure.slug}",
        "title": failure.slug.replace("-", " ").capitalize(),
        "status": failure.status,
        "detail": failure.detail,
    }
    return JSONResponse(body, failure.status, media_type="application/problem+json")


async def read_body(request: Request) -> bytes:
    """Raises `ProblemError` 413 over 256 KiB."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise ProblemError(413, "body-too-large", f"the body may have {MOST_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def read_json(request: Request) -> dict[str, object]:
    """A JSON object; raises `ProblemError` 415 or 400. Any web page may send other media types without asking first."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ProblemError(415, "unsupported-media-type", "send application/json")
    try:
        body = json.loads(await read_body(request))
    except ValueError:
        raise ProblemError(400, "malformed-json", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise ProblemError(400, "malformed-json", "the body is not a JSON object")
    return body


class SecurityHeaders:
    """Adds the headers that every answer has; a route that sets its own Content-Security-Policy keeps it."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""

        async def send_with_headers(event: Message) -> None:
            if event["type"] == "http.response.start":
                headers = event["headers"]
                names = {name.lower() for name, _ in headers}
                if b"content-security-policy" not in names:
                    headers.append((b"content-security-policy", self._policy.encode()))
                headers += [
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cross-origin-opener-policy", b"same-origin"),
                ]
            await send(event)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class LocalNamesOnly:
    """Answers 421 to names of the public DNS: a foreign page whose name was made to point here is no local one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "http" and not is_local_name(Headers(scope=scope).get("host", "")):
            await PlainTextResponse("this name does not lead here", 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_local_name(host: str) -> bool:
    """Whether a Host header has an address, a name without dots (a container's, localhost), or nothing."""
    name = urlsplit(f"//{host}").hostname or ""
    if "." not in name or name.endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def page_policy(cart_url: str) -> str:
    """Pages load their own files and the cart API's client only, and speak to nobody but this process and that API."""
    url = urlsplit(cart_url)
    cart = f"{url.scheme}://{url.netloc}"
    return (
        f"default-src 'none'; script-src 'self' {cart}/sdk/; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
        f"connect-src 'self' {cart}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
