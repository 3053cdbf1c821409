"""Hot calls go past the framework, and nothing else does."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from libs.http.bounded_protocol import WHOLE
from libs.http.compression import SMALLEST
from services.cart.api.express import Express
from services.cart.api.provider_lookup import ProviderLookup


class UnforeseenError(Exception):
    """Nobody has a handler for it."""


async def _cart(request: Request) -> Response:
    match request.path_params["store_id"]:
        case "forgetful":
            raise KeyError("a kind of LookupError")
        case "broken":
            raise UnforeseenError
        case "large":
            return PlainTextResponse("tea " * SMALLEST)
        case store_id:
            return PlainTextResponse(f"the cart of {store_id}")


async def _framework(_scope: Any, _receive: Any, send: Any) -> None:
    await PlainTextResponse("the framework")({"type": "http"}, _receive, send)


async def _on_lookup(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"handled {type(error).__name__}", 404)


def _on_anything(_: Request, __: Exception) -> Response:
    return PlainTextResponse("hushed up", 500)


class Rest(ProviderLookup):
    """All of the application; it remembers for which paths a provider was asked."""

    def __init__(self, needed: bool = False) -> None:
        self._needed, self.asked = needed, list[str]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await _framework(scope, receive, send)

    @property
    def needed(self) -> bool:
        return self._needed

    async def fetch_key(self, scope: Any) -> None:
        self.asked.append(scope["path"])


async def ask(path: str, method: str = "GET", rest: ProviderLookup | None = None, **scope: Any) -> str:
    """What the caller gets to read."""
    sent = await answered(path, method, rest, **scope)
    return str(sent[-1]["body"].decode())


async def answered(path: str, method: str = "GET", rest: ProviderLookup | None = None, **scope: Any) -> list[Any]:
    """The messages of an answer."""
    routes = [Route("/v1/stores/{store_id}/cart", _cart, methods=["GET"])]
    handlers: Any = {LookupError: _on_lookup, Exception: _on_anything}
    express = Express(_framework, routes, handlers, rest or Rest())
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody asked for a body")

    told = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""} | scope
    await express(told, receive, send)
    return sent


async def test_a_hot_call_goes_straight_to_its_endpoint() -> None:
    assert await ask("/v1/stores/shop/cart") == "the cart of shop"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/v1/stores/shop/cart"),
        ("POST", "/v1/stores/shop/cart"),
        ("GET", "/v1/stores/shop/cart/"),
        ("GET", "/v1/stores//cart"),
        ("GET", "/v1/stores/shop/cart/lines"),
        ("GET", "/v1/stores/shop"),
        ("GET", "/v2/stores/shop/cart"),
        ("GET", "/"),
    ],
)
async def test_whatever_else_comes_goes_the_frameworks_way(method: str, path: str) -> None:
    assert await ask(path, method) == "the framework"


async def test_an_error_is_answered_by_the_handler_of_its_kind() -> None:
    assert await ask("/v1/stores/forgetful/cart") == "handled KeyError"


async def test_what_nobody_foresaw_goes_on_to_who_logs_it() -> None:
    with pytest.raises(UnforeseenError):
        await ask("/v1/stores/broken/cart")


async def test_a_call_with_a_query_goes_to_where_queries_are_looked_at() -> None:
    assert await ask("/v1/stores/shop/cart", query_string=b"limti=1") == "the framework"


async def test_a_provider_is_asked_before_the_call_where_there_is_one() -> None:
    rest = Rest(needed=True)
    assert await ask("/v1/stores/shop/cart", rest=rest) == "the cart of shop"
    assert rest.asked == ["/v1/stores/shop/cart"]
    rest = Rest(needed=False)
    await ask("/v1/stores/shop/cart", rest=rest)
    assert rest.asked == []


@pytest.mark.parametrize("taken", [True, False])
async def test_a_small_answer_goes_in_one_piece_where_the_connection_takes_it(taken: bool) -> None:
    pieces: list[Any] = []

    def whole(status: int, headers: Any, body: bytes) -> bool:
        pieces.append((status, dict(headers)[b"content-length"], body))
        return taken

    scope: Any = {WHOLE: whole}
    sent = await answered("/v1/stores/shop/cart", **scope)
    assert pieces == [(200, b"16", b"the cart of shop")]
    assert [one["type"] for one in sent] == ([] if taken else ["http.response.start", "http.response.body"])


@pytest.mark.parametrize(("accept", "encoding"), [(b"gzip", b"gzip"), (b"br", None)])
async def test_a_large_answer_is_compressed_as_on_the_other_way(accept: bytes, encoding: bytes | None) -> None:
    def whole(*_: Any) -> bool:
        raise AssertionError("too large to be sent as it is")

    scope: Any = {WHOLE: whole, "headers": [(b"accept-encoding", accept)]}
    start, _ = await answered("/v1/stores/large/cart", **scope)
    told = dict(start["headers"])
    assert (told.get(b"content-encoding"), told[b"vary"]) == (encoding, b"Accept-Encoding")
