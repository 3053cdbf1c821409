"""What an endpoint says of its answers in the OpenAPI document; `document` adds what goes for many."""

from typing import Any

from pydantic import BaseModel

from services.cart.api.errors import CATALOGUE
from services.cart.api.replies import JSON

PROBLEMS = "x-problems"
"""Carries the slugs of an endpoint's own problems from its declaration to the document."""

Responses = dict[int | str, dict[str, Any]]


def answers(model: type[BaseModel], *outcomes: int | str, example: object = None) -> Responses:
    """How an endpoint answers: successes with the shape of `model`, and problems by slug, or by status. `example` is
    for a shape of which other endpoints have another one.

    What any endpoint may refuse (credentials, a header that is not valid, too many calls) needs no telling.
    """
    successes = [status for status in outcomes if isinstance(status, int) and status < 300]
    described: Responses = {status: {"model": model, "description": _words(model)} for status in successes}
    if example is not None:
        described = {status: one | {"content": {JSON: {"example": example}}} for status, one in described.items()}
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


def _words(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())
