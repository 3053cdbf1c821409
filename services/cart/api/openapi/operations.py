"""What an operation takes and may refuse, as its endpoint's dependencies and parameters say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase
from pydantic import BaseModel

from services.cart.api.body import BulkBody, JsonBody
from services.cart.api.openapi.declared import declared_by, dependencies_of
from services.cart.api.openapi.schemes import BESIDE


def _header(name: str, description: str, example: str, **rules: object) -> dict[str, Any]:
    head = {"name": name, "in": "header", "required": False, "description": description}
    return head | {"schema": {"type": "string", **rules}, "example": example}


HEADERS = {
    header["name"]: header
    for header in (
        _header(
            "Idempotency-Key",
            "Names this call, which is done once in 24 hours: the first answer is given again. A command to a cart "
            "shows the cart as it is, and the first status and tag in Idempotency-Replayed.",
            "3f6c1c9e4b5a4f0e",
            pattern=r"^[\x21-\x7e]{1,255}$",
        ),
        _header("If-Match", "Entity tags of the cart's states on which to insist.", '"7-a4c987462688"'),
        _header("If-None-Match", "Entity tags of states that are known: 304 in one.", '"7-a4c987462688"'),
        _header("X-Device", "Names the device.", "phone", pattern=r"^[\x20-\x7e]{1,64}$"),
        _header(
            "X-Origin",
            "Who makes the change where that is no shopper: nobody is reminded of it, and it is not counted.",
            "staff",
            pattern="^(shopper|staff|bot|import)$",
        ),
        _header("X-Request-Id", "Names this call in the audit; more than 128 characters are passed over.", "deploy-42"),
    )
}
"""Headers of requests, by name."""
_OF_BODIES = ("malformed-json", "incomplete-body", "body-too-large", "invalid-request")


@dataclass(frozen=True, slots=True)
class Operation:
    """`body` is the shape of the request's, None where it has none; `headers` and `problems` are names and slugs."""

    body: type[BaseModel] | None
    headers: list[str]
    problems: list[str]
    schemes: list[SecurityBase]


def operation_of(route: APIRoute) -> Operation:
    """What the dependencies of an endpoint say of it."""
    body: type[BaseModel] | None = None
    headers: list[str] = []
    problems: list[str] = []
    schemes: list[SecurityBase] = []
    for dependency in dependencies_of(route):
        declared = declared_by(dependency)
        headers += declared.headers
        problems += declared.problems
        schemes += declared.schemes
        if isinstance(dependency, JsonBody | BulkBody):
            body = dependency.shown
            problems += _OF_BODIES
    return Operation(body, headers, problems, schemes)


def has_rules(parameters: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the parameters may be refused."""
    return any(one["in"] == "query" or set(one["schema"]) - {"type", "title"} for one in parameters)


def security(schemes: Iterable[SecurityBase]) -> list[dict[str, list[str]]]:
    """Who may call: by any one of the schemes, but a storefront's key goes beside another, or nothing."""
    names = [scheme.scheme_name for scheme in schemes]
    alone: list[dict[str, list[str]]] = [{name: []} for name in names if name != BESIDE]
    if BESIDE not in names:
        return alone
    alone = alone or [{}]
    return alone + [one | {BESIDE: []} for one in alone]


def described(schemes: Iterable[SecurityBase]) -> dict[str, Any]:
    """The schemes by name, as the document describes them."""
    found = {scheme.scheme_name: scheme.model for scheme in schemes}
    return {name: model.model_dump(mode="json", by_alias=True, exclude_none=True) for name, model in found.items()}
