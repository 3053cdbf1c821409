"""Errors as problem documents (RFC 9457) with a stable `type`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, to_json
from starlette.requests import Request
from starlette.responses import Response

URN = "urn:evercart:problem:"


class Problem(Exception):  # noqa: N818 - it is the field's own word, and not every refusal is an error
    """A refusal that the caller is told about: `slug` ends its stable `type`, `detail` is a sentence for people."""

    def __init__(
        self, status: int, slug: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.headers, self.members = dict(headers or {}), members

    def body(self) -> dict[str, Any]:
        """The problem document."""
        title = HTTPStatus(self.status).phrase
        head = {"type": URN + self.slug, "title": title, "status": self.status, "detail": self.detail}
        return head | self.members

    def response(self) -> Response:
        """The answer that carries the problem; never cached."""
        return Response(
            to_json(self.body()),
            self.status,
            {"Cache-Control": "no-store", **self.headers},
            media_type="application/problem+json",
        )


def invalid(errors: Sequence[ErrorDetails]) -> Problem:
    """A 422 that names each faulty field as a JSON Pointer (RFC 6901) and the rule it breaks, never the value."""
    faults = [fault_of(error) for error in errors]
    if any(e["type"] == "json_invalid" for e in errors):
        return Problem(400, "malformed-json", "The body is not valid JSON.", errors=faults)
    return Problem(422, "invalid-request", "The request has fields that are not valid.", errors=faults)


def fault_of(error: ErrorDetails) -> dict[str, str]:
    """What is wrong with a field: its `pointer` (RFC 6901), and in `detail` the rule that it breaks."""
    pointer = "".join(f"/{_escape(part)}" for part in error["loc"])
    return {"pointer": pointer, "detail": error["msg"].removeprefix("Value error, ")}


def _escape(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


async def on_problem(_: Request, error: Exception) -> Response:
    """Exception handler for `Problem`."""
    if not isinstance(error, Problem):
        raise error
    return error.response()


async def on_invalid(_: Request, error: Exception) -> Response:
    """Exception handler for pydantic's `ValidationError` of a request."""
    if not isinstance(error, ValidationError):
        raise error
    return invalid(error.errors(include_url=False, include_context=False, include_input=False)).response()
