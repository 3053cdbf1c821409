"""Calls to other processes with the standard library: rare ones, so a client's connection pool would cost more."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 10.0


class UnreachableError(OSError):
    """The other side did not answer, or not in HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is the parsed JSON, or None where there is none."""

    status: int
    media_type: str
    body: object


def post_form(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> int:
    """Blocking; the status of the answer, or `UnreachableError`."""
    sent = dict(headers) | {"Content-Type": "application/x-www-form-urlencoded"}
    return _call("POST", url, urlencode(form).encode(), sent).status


def call_json(method: str, url: str, body: object, headers: Mapping[str, str]) -> Answer:
    """Blocking; any HTTP answer is an answer; raises `UnreachableError`. ``body`` None sends none."""
    sent = dict(headers) | {"Accept": "application/json"}
    if body is None:
        return _call(method, url, None, sent)
    return _call(method, url, json.dumps(body).encode(), sent | {"Content-Type": "application/json"})


def _call(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    target = urlsplit(url)
    factory = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = factory(target.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(
            method, f"{target.path}?{target.query}" if target.query else target.path, body, dict(headers)
        )
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as failure:
        raise UnreachableError(type(failure).__name__) from failure
    finally:
        connection.close()
    media_type = response.headers.get_content_type()
    parsed = None
    if media_type.endswith("json") and content:
        try:
            parsed = json.loads(content)
        except ValueError as failure:
            raise UnreachableError("not JSON") from failure
    return Answer(response.status, media_type, parsed)
