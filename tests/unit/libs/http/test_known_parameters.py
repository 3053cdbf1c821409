"""Story: a program asked for `?limti=10`, got everything, and nobody noticed until there was too much of it."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from libs.http.catalogue import COMMON
from libs.http.known_parameters import LONGEST, MOST_SHOWN, KnownParameters, is_strict, tolerates_unknown

router = APIRouter()


async def page_of(limit: Annotated[int, Query()] = 10) -> int:
    return limit


@router.get("/items/{item}")
async def read_items(item: str, size: Annotated[int, Depends(page_of)], kind: str = "", old: str = "") -> str:
    return f"{item} {size} {kind}{old}"


@router.get("/link")
@tolerates_unknown
async def follow_link() -> str:
    return "there"


async def plain(request: Request) -> Response:
    return PlainTextResponse(str(request.query_params))


async def asked(path: str, method: str = "GET") -> httpx.Response:
    app = FastAPI()
    routes = [Route("/plain", plain, methods=["POST"]), Mount("/files", routes=[]), *router.routes]
    app.router.routes.extend([*routes, Route("/page", plain)])
    transport = httpx.ASGITransport(KnownParameters(app, routes, COMMON))
    async with httpx.AsyncClient(transport=transport, base_url="http://x.test") as http:
        return await http.request(method, path)


@pytest.mark.parametrize(
    "path",
    [
        "/items/a",
        "/items/a?",
        "/items/a?limit=3",
        "/items/a?limit=3&kind=x&old=y",
        "/link?utm_source=mail",
        "/page?v=3",
    ],
)
async def test_what_is_known_and_what_others_write_goes_through(path: str):
    assert (await asked(path)).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "names"),
    [
        ("/items/a?limti=3", "GET", ["limti"]),
        ("/items/a?limit=3&z=&a=1&a=2", "GET", ["a", "z"]),
        ("/items/a?item=b", "GET", ["item"]),
        ("/items/a?=1", "GET", [""]),
        ("/items/a?Limit=1", "GET", ["Limit"]),
        ("/items/a?li%6Dit=1&gr%C3%BC%C3%9Fe=1&%ff=2", "GET", ["grüße", "\ufffd"]),
        ("/plain?x=1", "POST", ["x"]),
    ],
)
async def test_what_is_not_known_is_refused_by_its_name(path: str, method: str, names: list[str]):
    answer = await asked(path, method)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["type"]) == (400, "urn:evercart:problem:unknown-parameter")
    assert body["parameters"] == names
    assert body["detail"].endswith(": none." if method == "POST" else ": kind, limit, old.")


async def test_not_all_of_a_flood_is_told():
    path = "/plain?" + "&".join(f"{number:03}{'x' * LONGEST}" for number in range(MOST_SHOWN + 1))
    shown = (await asked(path, "POST")).json()["parameters"]
    assert shown == [f"{number:03}{'x' * (LONGEST - 3)}" for number in range(MOST_SHOWN)]


async def test_a_wrong_method_or_path_is_answered_as_ever():
    assert (await asked("/plain?x=1")).status_code == 405
    assert (await asked("/nowhere?x=1")).status_code == 404


def test_only_routes_that_are_marked_are_lenient():
    assert [is_strict(route) for route in [*router.routes, Route("/", plain), Mount("/m", routes=[])]] == [
        True,
        False,
        True,
        False,
    ]
