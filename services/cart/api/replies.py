"""How answers go out: headers and bodies that are the same for every endpoint."""

from starlette.responses import Response

from libs.http.compression import AS_IT_IS
from libs.http.last_resort import NO_SNIFFING
from services.cart.domain.cart_json import CartView
from services.cart.domain.links import Goods
from services.cart.domain.request import Answer

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}
SECRET = {"Cache-Control": f"no-store, {AS_IT_IS}"}
"""Of an answer with a token in it."""


_NEVER_KEPT = (b"cache-control", b"no-store")
_AS_JSON = (b"content-type", JSON.encode())


class Ready(Response):
    """An answer whose headers are bytes already: the hot calls need not have them worked out of words each time."""

    def __init__(self, body: bytes, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [_NEVER_KEPT, *headers, (b"content-length", b"%d" % len(body)), NO_SNIFFING]
        if body:
            self.raw_headers.append(_AS_JSON)


def reply(answer: Answer) -> Response:
    """The answer to a write."""
    headers = [] if answer.etag is None else [(b"etag", answer.etag.encode())]
    if answer.replayed:
        headers.append((b"idempotency-replayed", _replayed(answer).encode()))
    return Ready(answer.body, answer.status, headers)


def _replayed(answer: Answer) -> str:
    # an item of RFC 9651: an entity tag is a string there as it stands
    first = answer.first_etag
    return "true" if first is None else f"true;status={answer.status};etag={first}"


def reply_with(view: CartView, **members: object) -> Response:
    """A cart, read."""
    return Ready(view.json(**members), 200, [(b"etag", view.etag.encode())])


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
