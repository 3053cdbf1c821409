"""Bodies of requests, read once it is known who calls, and no further than an endpoint's limit."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

from libs.http.bounded_protocol import BODY
from libs.http.problems import Problem

AtOnce = Callable[[], bytes | None]


async def body_within(request: Request, limit: int) -> bytes:
    """The body. Raises `Problem` 413 as soon as it is known to be longer than `limit` bytes."""
    at_once: AtOnce | None = request.scope.get(BODY)
    if at_once is not None and (body := at_once()) is not None:
        if len(body) > limit:
            raise _too_large(limit)
        return body
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Problem(400, "incomplete-body", "The connection ended before the body.") from None
    return b"".join(chunks)


def _too_large(limit: int) -> Problem:
    return Problem(413, "body-too-large", f"A body has at most {limit} bytes here.", limit=limit)


def body_of(schema: Mapping[str, Any], example: object, media_type: str = "application/json") -> dict[str, Any]:
    """The body that a request needs, as OpenAPI describes it: the `requestBody` of `refuses`."""
    return {"required": True, "content": {media_type: {"schema": schema, "example": example}}}
