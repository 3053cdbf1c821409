import json

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from libs.http.catalogue import COMMON
from libs.http.last_resort import LastResort
from libs.http.problem_pages import problem_routes
from libs.http.problems import Problem, invalid

SECRET = "someone@example.org"


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    quantity: int = Field(ge=1)
    email: str = Field(max_length=5)


def faults(data):
    with pytest.raises(ValidationError) as caught:
        Body.model_validate_json(data)
    return caught.value


def server() -> httpx.AsyncClient:
    """A server whose endpoints fail in every way."""

    async def fails(request: Request):
        failures = {
            "problem": Problem(413, "body-too-large", "Too much.", limit=7),
            "invalid": faults(f'{{"quantity": -7, "email": "{SECRET}"}}'),
            "framework": HTTPException(400, "There was an error parsing the body"),
            "outage": OSError(SECRET),
            "unforeseen": RuntimeError(SECRET),
        }
        raise failures[request.path_params["how"]]

    async def fine(_: Request):
        return PlainTextResponse("fine")

    routes = [Route("/fails/{how}", fails), Route("/thing", fine), Route("/thing", fine, methods=["PUT"])]
    app = Starlette(routes=[*routes, *problem_routes(COMMON)])
    app.router.redirect_slashes = False
    COMMON.answer_errors(app, [OSError])
    return httpx.AsyncClient(transport=httpx.ASGITransport(LastResort(app, COMMON)), base_url="http://server.test")


def test_a_problem_is_a_document_with_a_stable_type_and_is_never_cached():
    response = COMMON.answer(Problem(413, "body-too-large", "Too much.", headers={"ETag": '"3"'}, limit=3))
    assert response.media_type == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["etag"] == '"3"'
    assert response.headers["link"] == '</problems/body-too-large>; rel="help"'
    assert json.loads(bytes(response.body)) == {
        "type": "urn:evercart:problem:body-too-large",
        "title": "The body is too large",
        "status": 413,
        "detail": "Too much.",
        "limit": 3,
    }


def test_malformed_json_is_a_400():
    problem = invalid(faults('{"quantity": 1').errors(include_url=False))
    assert (problem.status, problem.slug) == (400, "malformed-json")


async def test_an_invalid_request_names_fields_and_rules_but_repeats_no_value():
    answer = await server().get("/fails/invalid")
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/quantity", "/email"}
    assert SECRET not in answer.text
    assert "-7" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/fails/problem", 413, "body-too-large"),
        ("GET", "/fails/framework", 400, "bad-request"),
        ("GET", "/fails/outage", 503, "unavailable"),
        ("GET", "/fails/unforeseen", 500, "internal-error"),
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/thing/", 404, "not-found"),
        ("POST", "/thing", 405, "method-not-allowed"),
        ("OPTIONS", "/thing", 405, "method-not-allowed"),
        ("GET", "/problems/nothing", 404, "not-found"),
    ],
)
async def test_every_error_of_a_server_is_a_document_that_leads_to_its_page(method, path, status, slug):
    with capture_logs() as logs:
        answer = await server().request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:evercart:problem:{slug}"
    assert SECRET not in answer.text + repr(logs)
    page = await server().get(answer.links["help"]["url"])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert COMMON[slug].title in page.text


async def test_a_wrong_method_is_told_all_methods_of_the_address():
    answer = await server().post("/thing")
    assert answer.headers["allow"] == "GET, HEAD, PUT"
