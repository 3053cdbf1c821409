"""An application that describes itself: FastAPI, with health beside it and every error as a problem document."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel
from starlette.types import ASGIApp

from libs.http.catalogue import PROBLEM_JSON, Catalogue
from libs.http.health import Check, health_routes
from libs.http.health_document import HEALTH
from libs.http.last_resort import LastResort
from libs.http.problem_pages import problem_routes
from libs.runtime.version import version

_PROBLEMS = "x-problems"
_TEXT = {"type": "string"}
_HEADERS: Mapping[str, Any] = {
    "Link": {"description": 'Leads to the page about this type of problem (`rel="help"`).', "schema": _TEXT},
    "Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "What is expected (RFC 6750).", "schema": _TEXT},
}
_OF_STATUS = {401: ("Link", "WWW-Authenticate"), 503: ("Link", "Retry-After")}
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
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    examples: dict[str, Any] = {}
    for router in routers:
        app.include_router(router)
        examples |= _examples(router)
    app.router.routes.extend([*health_routes(checks), *problem_routes(catalogue)])
    catalogue.answer_errors(app, outages)
    written: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not written:
            written.update(_document(app, catalogue, examples))
        return written

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its document
    return LastResort(app, catalogue)


def _examples(router: APIRouter) -> dict[str, Any]:
    """The example of each shape that the endpoints answer with, as it was written: FastAPI drops the nulls in it."""
    answers = [answer for route in router.routes if isinstance(route, APIRoute) for answer in route.responses.values()]
    models: list[type[BaseModel]] = [answer["model"] for answer in answers if "model" in answer]
    return {model.__name__: model.model_json_schema()["examples"][0] for model in models}


def _document(app: FastAPI, catalogue: Catalogue, examples: Mapping[str, Any]) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, example in examples.items():
        schemas[name]["examples"] = [example]
    schemas["Problem"] = _PROBLEM
    parts |= {"headers": {}, "examples": {}, "responses": {}}
    for operation in (one for operations in found["paths"].values() for one in operations.values()):
        operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
        operation.setdefault("security", [])
        for parameter in operation.setdefault("parameters", []):
            parameter["example"] = parameter["schema"].pop("examples")[0]
        answers = {status: answer for status, answer in operation["responses"].items() if _described(answer)}
        for answer in answers.values():
            _exemplify(answer, schemas)
        operation["responses"] = answers | _refusals(operation.pop(_PROBLEMS, []), catalogue, parts)
    found["paths"] = dict(sorted((found["paths"] | HEALTH).items()))
    return found


def _described(answer: Mapping[str, Any]) -> bool:
    """Whether the endpoint says so itself: FastAPI adds a 422 of its own, which our applications never give."""
    return "HTTPValidationError" not in repr(answer)


def _exemplify(answer: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
    for content in answer.get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if name:
            content["example"] = schemas[name]["examples"][0]


def _refusals(slugs: Iterable[str], catalogue: Catalogue, parts: dict[str, Any]) -> dict[str, Any]:
    """The refusals of an operation by status, each as a reference to one that is put into the document's `parts`."""
    by_status: dict[int, list[str]] = {}
    for slug in slugs:
        by_status.setdefault(catalogue[slug].status, []).append(slug)
        parts["examples"][slug] = {"summary": catalogue[slug].title, "value": _example(catalogue, slug)}
    shown = {}
    for status, found in sorted(by_status.items()):
        name = "-or-".join(found)
        headers = _OF_STATUS.get(status, ("Link",))
        parts["headers"] |= {header: _HEADERS[header] for header in headers}
        parts["responses"][name] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(found)}",
            "headers": {header: {"$ref": f"#/components/headers/{header}"} for header in headers},
            "content": {
                PROBLEM_JSON: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {slug: {"$ref": f"#/components/examples/{slug}"} for slug in found},
                }
            },
        }
        shown[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return shown


def _example(catalogue: Catalogue, slug: str) -> dict[str, Any]:
    kind = catalogue[slug]
    detail = kind.happened.partition(".")[0] + "."
    return {"type": kind.urn, "title": kind.title, "status": kind.status, "detail": detail}
