"""What each endpoint says of itself in the OpenAPI document; `openapi_document` adds what goes for many."""

from typing import Any

from pydantic import BaseModel

from services.cart.api.errors import CATALOGUE

REF = "#/components/schemas/{model}"
PROBLEMS = "x-problems"
"""Carries the slugs of an endpoint's own problems from its declaration to the document."""
BODIES: dict[str, type[BaseModel]] = {}
"""The request bodies that endpoints take, by name."""

Responses = dict[int | str, dict[str, Any]]


def answers(model: type[BaseModel], *outcomes: int | str) -> Responses:
    """How an endpoint answers: successes with the shape of `model`, and problems by slug, or by status.

    What any endpoint may refuse (credentials, a header that is not valid, too many calls) needs no telling.
    """
    successes = [status for status in outcomes if isinstance(status, int) and status < 300]
    described: Responses = {status: {"model": model, "description": _words(model)} for status in successes}
    return nothing(*outcomes) | described


def nothing(*outcomes: int | str) -> Responses:
    """The same of an endpoint whose success has no body."""
    shown: dict[int, dict[str, Any]] = {}
    for outcome in outcomes:
        status = CATALOGUE[outcome].status if isinstance(outcome, str) else outcome
        found = shown.setdefault(status, {"description": "", PROBLEMS: []})
        if isinstance(outcome, str):
            found[PROBLEMS].append(outcome)
    return {status: found for status, found in shown.items() if status >= 300}


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The request body of an endpoint that reads it by itself."""
    BODIES[model.__name__] = model
    schema = {"$ref": REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _words(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())
