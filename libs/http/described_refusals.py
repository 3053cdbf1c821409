"""What an OpenAPI document says of refusals: a response a status, with the examples and headers of its problems."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from libs.http.catalogue import PROBLEM_JSON, Catalogue

_TEXT = {"type": "string"}
HEADERS: Mapping[str, Any] = {
    "Link": {"description": 'Leads to the page about this type of problem (`rel="help"`).', "schema": _TEXT},
    "Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "What is expected (RFC 6750).", "schema": _TEXT},
}
_OF_STATUS = {401: ("Link", "WWW-Authenticate"), 429: ("Link", "Retry-After"), 503: ("Link", "Retry-After")}


MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "body-too-large": {"limit": 65536},
    "invalid-request": {"errors": [{"pointer": "/quantity", "detail": "Input should be greater than 0"}]},
    "malformed-json": {"errors": [{"pointer": "", "detail": "Invalid JSON: EOF while parsing an object"}]},
    "unknown-parameter": {"parameters": ["limti"]},
    "limit-reached": {"which": "lines", "limit": 100},
}
"""What problem documents tell besides what all of them do, by slug."""


def refusals(slugs: Iterable[str], catalogue: Catalogue, parts: dict[str, Any]) -> dict[str, Any]:
    """The refusals of an operation by status, each as a reference to one that is put into the document's `parts`."""
    by_status: dict[int, list[str]] = {}
    for slug in slugs:
        by_status.setdefault(catalogue[slug].status, []).append(slug)
        parts["examples"].setdefault(slug, example(catalogue, slug))
    shown = {}
    for status, found in sorted(by_status.items()):
        name = "-or-".join(found)
        headers = _OF_STATUS.get(status, ("Link",))
        parts["headers"] |= {header: HEADERS[header] for header in headers}
        parts["responses"][name] = _refusal(status, found, headers)
        shown[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return shown


def example(catalogue: Catalogue, slug: str) -> dict[str, Any]:
    """A problem document of a type."""
    kind = catalogue[slug]
    detail = kind.happened.partition(".")[0] + "."
    head = {"type": kind.urn, "title": kind.title, "status": kind.status, "detail": detail}
    return {"summary": kind.title, "value": head | dict(MEMBERS.get(slug, {}))}


def _refusal(status: int, slugs: list[str], headers: Iterable[str]) -> dict[str, Any]:
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(slugs)}",
        "headers": {header: {"$ref": f"#/components/headers/{header}"} for header in headers},
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {slug: {"$ref": f"#/components/examples/{slug}"} for slug in slugs},
            }
        },
    }
