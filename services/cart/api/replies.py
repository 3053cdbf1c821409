"""How answers go out: headers and bodies that are the same for every endpoint."""

from starlette.responses import Response

from libs.http.compression import AS_IT_IS
from services.cart.domain.cart_json import CartView
from services.cart.domain.links import Goods
from services.cart.domain.request import Answer

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}
SECRET = {"Cache-Control": f"no-store, {AS_IT_IS}"}
"""Of an answer with a token in it."""


def reply(answer: Answer) -> Response:
    """The answer to a write."""
    headers = {"Cache-Control": "no-store"}
    if answer.etag is not None:
        headers["ETag"] = answer.etag
    if answer.replayed:
        headers["Idempotency-Replayed"] = _replayed(answer)
    return Response(answer.body, answer.status, headers, media_type=JSON if answer.body else None)


def _replayed(answer: Answer) -> str:
    # an item of RFC 9651: an entity tag is a string there as it stands
    first = answer.first_etag
    return "true" if first is None else f"true;status={answer.status};etag={first}"


def reply_with(view: CartView, **members: object) -> Response:
    """A cart, read."""
    return Response(view.json(**members), 200, {"Cache-Control": "no-store", "ETag": view.etag}, media_type=JSON)


def reply_json(body: bytes, status: int = 200) -> Response:
    """JSON that is nobody's to keep."""
    return Response(body, status, NO_STORE, media_type=JSON)


def reply_secret(body: bytes, status: int = 200) -> Response:
    """JSON with a token in it: not compressed either."""
    return Response(body, status, SECRET, media_type=JSON)


def reply_to_link(goods: Goods, **members: object) -> Response:
    """What whoever holds a link is shown: kept nowhere, and the link is told to nobody that the page links to."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return Response(goods.json(**members), 200, headers, media_type=JSON)
