"""An application that describes itself: FastAPI, with health beside it and every error as a problem document."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from libs.http.catalogue import Catalogue
from libs.http.compression import Compressed
from libs.http.described_refusals import refusals
from libs.http.health import Check, health_routes
from libs.http.health_document import HEALTH
from libs.http.known_parameters import SLUG, KnownParameters, is_strict
from libs.http.last_resort import LastResort
from libs.http.open_enums import open_answers
from libs.http.problem_pages import problem_routes
from libs.http.problems import invalid
from libs.runtime.version import version

_PROBLEMS = "x-problems"
_TEXT = {"type": "string"}
_PROBLEM = {
    "title": "Problem",
    "description": "A problem document (RFC 9457). Programs go by `type`, people by `detail`.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
    "additionalProperties": True,
}


def refuses(*slugs: str, **more: object) -> dict[str, Any]:
    """The `openapi_extra` of an endpoint that may answer with these problems, with `more` of its description."""
    return {_PROBLEMS: list(slugs), **more}


def documented(
    title: str,
    description: str,
    *,
    services: object,
    routers: Iterable[APIRouter],
    checks: Mapping[str, Check],
    catalogue: Catalogue,
    outages: Iterable[type[Exception]] = (),
) -> ASGIApp:
    """The application of a process: `routers`, health, pages about problems, `/openapi.json`, and `/docs` for people.

    Endpoints find `services` in the application's state. `outages` mean that the database can't be reached.
    """
    app = FastAPIOffline(
        title=title,
        version=version(),
        description=description,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.services = services
    routes = [route for router in routers for route in router.routes]
    app.router.routes.extend(routes)
    described = [route for route in routes if isinstance(route, APIRoute) and route.include_in_schema]
    app.router.routes.extend([*health_routes(checks), *problem_routes(catalogue)])
    catalogue.answer_errors(app, outages)
    answer_bad_parameters(app, catalogue)
    written: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not written:
            written.update(_document(app, described, catalogue))
        return written

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document
    return LastResort(Compressed(KnownParameters(app, routes, catalogue)), catalogue)


def answer_bad_parameters(app: FastAPI, catalogue: Catalogue) -> None:
    """Has the application answer parameters that break a rule as every error."""

    async def on_bad_parameter(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError), "registered for nothing else"
        return catalogue.answer(invalid(error.errors()))

    app.add_exception_handler(RequestValidationError, on_bad_parameter)


def _examples(routes: Iterable[APIRoute]) -> dict[str, Any]:
    """The example of each shape that the endpoints answer with, as it was written: FastAPI drops the nulls in it."""
    answers = [answer for route in routes for answer in route.responses.values()]
    models: list[type[BaseModel]] = [answer["model"] for answer in answers if "model" in answer]
    return {model.__name__: model.model_json_schema()["examples"][0] for model in models}


def _document(app: FastAPI, routes: Iterable[APIRoute], catalogue: Catalogue) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, example in _examples(routes).items():
        schemas[name]["examples"] = [example]
    schemas["Problem"] = _PROBLEM
    parts |= {"headers": {}, "examples": {}, "responses": {}}
    for route in routes:
        for method in route.methods or ():
            operation = found["paths"][route.path_format][method.lower()]
            operation["operationId"] = route.name
            operation[_PROBLEMS] = [*([SLUG] if is_strict(route) else []), *operation.get(_PROBLEMS, [])]
            _finish(operation, catalogue, parts)
    open_answers(found)
    found["paths"] = dict(sorted((found["paths"] | HEALTH).items()))
    return found


def _finish(operation: dict[str, Any], catalogue: Catalogue, parts: dict[str, Any]) -> None:
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    operation.setdefault("security", [])
    for parameter in operation.setdefault("parameters", []):
        parameter["example"] = parameter["schema"].pop("examples")[0]
    answers = {status: answer for status, answer in operation["responses"].items() if _described(answer)}
    for answer in answers.values():
        _exemplify(answer, parts["schemas"])
    operation["responses"] = answers | refusals(operation.pop(_PROBLEMS, []), catalogue, parts)


def _described(answer: Mapping[str, Any]) -> bool:
    """Whether the endpoint says so itself: FastAPI adds a 422 of its own, which our applications never give."""
    return "HTTPValidationError" not in repr(answer)


def _exemplify(answer: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
    for content in answer.get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if name:
            content["example"] = schemas[name]["examples"][0]
