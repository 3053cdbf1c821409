"""Errors as problem documents (RFC 9457) with a stable `type`."""

from collections.abc import Mapping, Sequence

from pydantic_core import ErrorDetails

URN = "urn:evercart:problem:"


class Problem(Exception):  # noqa: N818 - it is the field's own word, and not every refusal is an error
    """A refusal that the caller is told about: `slug` ends its stable `type`, `detail` is a sentence for people.

    The server's `Catalogue` words and answers it; `status` is the one that the catalogue gives the slug.
    """

    def __init__(
        self, status: int, slug: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.headers, self.members = dict(headers or {}), members


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
