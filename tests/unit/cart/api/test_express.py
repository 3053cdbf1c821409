"""Hot calls go past the framework, and nothing else does."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.cart.api.express import Express


class UnforeseenError(Exception):
    """Nobody has a handler for it."""


async def _cart(request: Request) -> Response:
    match request.path_params["store_id"]:
        case "forgetful":
            raise KeyError("a kind of LookupError")
        case "broken":
            raise UnforeseenError
        case store_id:
            return PlainTextResponse(f"the cart of {store_id}")


async def _framework(_scope: Any, _receive: Any, send: Any) -> None:
    await PlainTextResponse("the framework")({"type": "http"}, _receive, send)


async def _on_lookup(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"handled {type(error).__name__}", 404)


def _on_anything(_: Request, __: Exception) -> Response:
    return PlainTextResponse("hushed up", 500)


async def ask(path: str, method: str = "GET") -> str:
    """What the caller gets to read."""
    routes = [Route("/v1/stores/{store_id}/cart", _cart, methods=["GET"])]
    express = Express(_framework, routes, {LookupError: _on_lookup, Exception: _on_anything})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody asked for a body")

    await express({"type": "http", "method": method, "path": path, "headers": []}, receive, send)
    return str(sent[-1]["body"].decode())


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
