"""Refusals of the core as problem documents."""

from starlette.requests import Request
from starlette.responses import Response

from libs.runtime.problems import Problem
from services.cart.refusals import Refusal

STATUS = {
    "unknown-line": 404,
    "unknown-cart": 404,
    "unknown-customer": 404,
    "unknown-link": 404,
    "unknown-merge": 404,
    "unknown-identity": 404,
    "currency-mismatch": 409,
    "currency-not-accepted": 409,
    "limit-reached": 409,
    "order-conflict": 409,
    "merge-undone": 409,
    "merge-settled": 409,
    "same-customer": 409,
    "identity-taken": 409,
    "request-in-flight": 409,
    "link-expired": 410,
    "link-revoked": 410,
    "cart-gone": 410,
    "undo-expired": 410,
    "version-conflict": 412,
    "idempotency-key-reused": 422,
    "busy": 503,
}
RETRY = {"Retry-After": "1"}


def problem_of(refusal: Refusal) -> Problem:
    """The problem document of a refusal; where trying again will help it says when."""
    headers = RETRY if refusal.slug in {"request-in-flight", "busy"} else None
    return Problem(STATUS[refusal.slug], refusal.slug, refusal.detail, headers=headers, **refusal.members)


async def on_refusal(_: Request, error: Exception) -> Response:
    """Exception handler for `Refusal`."""
    if not isinstance(error, Refusal):
        raise error
    return problem_of(error).response()
