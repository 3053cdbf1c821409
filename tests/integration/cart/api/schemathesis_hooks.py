"""What schemathesis can't read out of the document; it loads this file by its setting `hooks`."""

from itertools import count
from typing import Any
from uuid import UUID

import schemathesis

NUMBERS = count(1)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """An Idempotency-Key names one call, so each valid one has to be new; 1.0 is no integer here, though JSON
    Schema says that it is; and a store without cookies wants to be told whose cart is claimed.
    """
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(UUID(int=next(NUMBERS)))
    if isinstance(case.body, (dict, list)):
        case.body = whole(case.body)
    if case.operation.path.endswith("/cart/claim") and isinstance(case.body, dict):
        case.body["cart_token"] = case.body.get("cart_token") or "g1_of_nobody"


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """An order may be called `4711/events`: that its address takes GET as well is right but in no document."""
    if case.operation.path.endswith("/orders/{order_id}/events") and "allow" in response.headers:
        response.headers["allow"] = ["POST"]


def whole(part: Any) -> Any:
    """The same with floats that are whole as integers."""
    if isinstance(part, dict):
        return {key: whole(value) for key, value in part.items()}
    if isinstance(part, list):
        return [whole(value) for value in part]
    return int(part) if isinstance(part, float) and part.is_integer() else part
