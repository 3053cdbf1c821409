"""The whole OpenAPI document: what the endpoints say of themselves, and what goes for all of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from libs.http.described_refusals import refusals
from libs.http.known_parameters import SLUG
from libs.http.open_enums import open_answers
from services.cart.api.errors import CATALOGUE
from services.cart.api.openapi.answers import PROBLEMS
from services.cart.api.openapi.examples import example_of, problem_examples
from services.cart.api.openapi.operations import HEADERS, Operation, described, has_rules, operation_of, security
from services.cart.api.openapi.shapes import SHAPES
from services.cart.api.replies import JSON
from services.cart.api.schemas.cart import ProblemDocument

REF = "#/components/schemas/{model}"
_ETAG = {
    "description": "The state of what is answered, for If-Match and If-None-Match.",
    "schema": {"type": "string"},
    "example": '"7-a4c987462688"',
}
_REPLAYED = {
    "description": "Stands where this is the answer to the first call with this Idempotency-Key.",
    "schema": {"type": "string", "const": "true"},
}
_HAVE_ETAGS = ("Cart", "StoreDetails")


def document(app: FastAPI, routers: Iterable[APIRouter]) -> dict[str, Any]:
    """The document of an application that has these routers."""
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    operations = [(route, operation_of(route)) for route in routes]
    parts = found["components"]
    answered = [answer["model"] for route in routes for answer in route.responses.values() if "model" in answer]
    parts["schemas"] = _schemas(parts["schemas"], [*answered, *(one.body for _, one in operations if one.body)])
    parts["securitySchemes"] = described(scheme for _, one in operations for scheme in one.schemes)
    parts |= {"parameters": HEADERS, "headers": {"ETag": _ETAG, "Idempotency-Replayed": _REPLAYED}}
    parts |= {"examples": problem_examples(), "responses": {}}
    for route, operation in operations:
        for method in route.methods or ():
            declared = found["paths"][route.path_format][method.lower()]
            declared["operationId"] = route.name
            _finish(declared, route.path_format, operation, parts)
    open_answers(found)
    found["paths"] = dict(sorted(found["paths"].items()))
    return found


def _schemas(answered: dict[str, Any], models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """All shapes by name: those of answers (FastAPI drops nulls in their examples), those of bodies, and the problem
    document.
    """
    taken: list[type[BaseModel]] = [*models, ProblemDocument]
    _, found = models_json_schema([(model, "validation") for model in taken], ref_template=REF)
    schemas: dict[str, Any] = answered | found["$defs"]
    schemas["Problem"] = schemas.pop("ProblemDocument")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, schema in schemas.items():
        _name_keys(schema)
        if name in SHAPES:
            schema["examples"] = [SHAPES[name]]
        schema["title"] = name  # a model inherits the title of another; some generators go by titles, others by keys
    return schemas


def _name_keys(schema: Any) -> None:  # noqa: ANN401 - any part of a schema
    """Says of keys that they must have a pattern: `patternProperties` would let any value stand under the others."""
    if isinstance(schema, dict):
        if len(schema.get("patternProperties", ())) == 1:
            ((pattern, values),) = schema.pop("patternProperties").items()
            schema["propertyNames"] = schema.get("propertyNames", {}) | {"pattern": pattern}
            schema["additionalProperties"] = values
        for part in schema.values():
            _name_keys(part)
    elif isinstance(schema, list):
        for part in schema:
            _name_keys(part)


def _finish(declared: dict[str, Any], path: str, operation: Operation, parts: dict[str, Any]) -> None:
    schemas = parts["schemas"]
    declared["summary"] = declared["operationId"].replace("_", " ").capitalize()
    declared["security"] = security(operation.schemes)
    parameters = declared.setdefault("parameters", [])
    common = [SLUG, "unavailable", *(["invalid-request"] if has_rules(parameters) else []), *operation.problems]
    parameters.sort(key=lambda one: (one["in"] != "path", path.find("{" + one["name"] + "}")))
    for parameter in parameters:
        parameter.setdefault("example", example_of(parameter["schema"], schemas, parameter["name"]))
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in operation.headers]
    answers = {status: answer for status, answer in declared["responses"].items() if int(status) < 400}
    for answer in answers.values():
        _describe_success(answer, schemas)
        if "Idempotency-Key" in operation.headers:
            answer.setdefault("headers", {})["Idempotency-Replayed"] = {
                "$ref": "#/components/headers/Idempotency-Replayed"
            }
    own = [slug for answer in declared["responses"].values() for slug in answer.pop(PROBLEMS, [])]
    declared["responses"] = answers | refusals(dict.fromkeys([*own, *common]), CATALOGUE, parts)
    if operation.body is not None:
        schema = {"$ref": REF.format(model=operation.body.__name__)}
        declared["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
        _exemplify(declared["requestBody"], schemas)


def _describe_success(answer: dict[str, Any], schemas: dict[str, Any]) -> None:
    answer["description"] = answer["description"] or "Done; there is nothing to tell"
    _exemplify(answer, schemas)
    schema = answer.get("content", {}).get(JSON, {}).get("schema", {})
    if schema.get("$ref") in [REF.format(model=name) for name in _HAVE_ETAGS]:
        answer["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}


def _exemplify(carrier: dict[str, Any], schemas: dict[str, Any]) -> None:
    shown = carrier.get("content", {}).get(JSON)
    if shown is not None and shown.get("schema"):
        shown["example"] = shown.get("example") or example_of(shown["schema"], schemas)
