"""The cart's problem types, and refusals of the core as problem documents."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from libs.http.catalogue import COMMON_FILE, Catalogue
from libs.http.problems import Problem
from services.cart.domain.errors import Refusal

CATALOGUE = Catalogue(COMMON_FILE, Path(__file__).with_name("problems.toml"))
"""Every kind of error that this service answers with: whoever raises a new one describes it in `problems.toml`."""
RETRY = {"Retry-After": "1"}
PASSING = frozenset({"request-in-flight", "busy"})
"""Trying again will help."""


def problem_of(refusal: Refusal) -> Problem:
    """The problem document of a refusal; where trying again will help it says when."""
    headers = RETRY if refusal.slug in PASSING else None
    status = CATALOGUE[refusal.slug].status
    return Problem(status, refusal.slug, refusal.detail, headers=headers, **refusal.members)


async def on_refusal(_: Request, error: Exception) -> Response:
    """Exception handler for `Refusal`."""
    assert isinstance(error, Refusal), "registered for nothing else"
    return CATALOGUE.answer(problem_of(error))
