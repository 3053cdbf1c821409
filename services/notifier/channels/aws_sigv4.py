"""Requests signed as Amazon wants them: Signature Version 4.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. By hand, in forty lines held
to Amazon's own vectors: botocore, which signs, too, weighs as much as the rest of this service.
"""

import hashlib
import hmac
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import httpx

from libs.runtime.clock import Clock

ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key of an account; `token` comes with those that hold for hours."""

    access_key_id: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False, default=None)


class SigV4(httpx.Auth):
    """Signs each request for one service in one region, at the time that `clock` shows: it holds for five minutes."""

    requires_request_body = True

    def __init__(self, credentials: Credentials, region: str, service: str, clock: Clock) -> None:
        self._credentials, self._clock = credentials, clock
        self._region, self._service = region, service

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds `X-Amz-Date`, `Authorization`, and the token where there is one."""
        request.headers["X-Amz-Date"] = moment = self._clock().strftime("%Y%m%dT%H%M%SZ")
        if self._credentials.token:
            request.headers["X-Amz-Security-Token"] = self._credentials.token
        signed = {name: request.headers[name] for name in ("content-type", "host") if name in request.headers}
        signed |= {name: value for name, value in request.headers.items() if name.startswith("x-amz-")}
        scope = f"{moment[:8]}/{self._region}/{self._service}/aws4_request"
        what = canonical(request.method, request.url, signed, request.content)
        signature = self._signature(f"{ALGORITHM}\n{moment}\n{scope}\n{_hash(what.encode())}", scope)
        names = ";".join(sorted(signed))
        request.headers["Authorization"] = (
            f"{ALGORITHM} Credential={self._credentials.access_key_id}/{scope}, SignedHeaders={names}, "
            f"Signature={signature}"
        )
        yield request

    def _signature(self, text: str, scope: str) -> str:
        key = f"AWS4{self._credentials.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


def canonical(method: str, url: httpx.URL, headers: dict[str, str], body: bytes) -> str:
    """The canonical request: what is signed, a line each. `headers` are those that count, names in lower case."""
    query = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in url.params.multi_items())
    lines = [f"{name}:{' '.join(value.split())}" for name, value in sorted(headers.items())]
    return "\n".join(
        [
            method,
            quote(url.path, safe="/~"),
            "&".join(f"{name}={value}" for name, value in query),
            *lines,
            "",
            ";".join(sorted(headers)),
            _hash(body),
        ]
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
