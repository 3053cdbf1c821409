"""What the OpenAPI document says of bodies, answers and credentials."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.cart.api.schemas import ProblemAnswer
from services.cart.api.store_schemas import StoreBody
from services.cart.apikeys import NewKey, Rotation
from services.cart.commands import (
    Acknowledge,
    AddLine,
    Attributes,
    Claim,
    CopyCart,
    LineNote,
    MergeCustomer,
    Quantity,
)
from services.cart.profile import Contact
from services.cart.purchases import PlaceOrder, UpdateOrder
from services.cart.supply import Available, Costs, Levels, Prices

_BODIES = (
    *(AddLine, Quantity, Claim, LineNote, Attributes, Acknowledge, CopyCart),
    *(PlaceOrder, UpdateOrder, Available, Levels, Costs, Prices, Contact, MergeCustomer),
    *(NewKey, Rotation, StoreBody),
)
_REF = "#/components/schemas/{model}"
_STATUS = {
    304: "Not modified since the state of If-None-Match",
    400: "Malformed JSON or header",
    401: "No genuine credentials",
    403: "Credentials of another kind of caller",
    404: "No such store, line, cart, customer, identity, merge, erasure or link",
    409: "A limit, another currency, another order of this id, or the same key in flight",
    410: "The link or its cart is gone, or it is too late",
    412: "The cart has changed since the state of If-Match",
    413: "The body is too large",
    422: "A field is not valid, or an Idempotency-Key came with another request before",
    503: "Not just now; Retry-After says when to try again",
}
_HEADERS = {
    "Idempotency-Key": "Names this call: the first answer is given again for 24 hours.",
    "If-Match": "Entity tags of the cart's states on which to insist.",
    "X-Device": "Names the device, at most 64 characters.",
}
_SECURITY = {
    "customer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A customer's token."},
    "guest": {"type": "apiKey", "in": "header", "name": "X-Cart-Token", "description": "A guest's cart token."},
    "storefront": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Publishable-Key",
        "description": "The storefront's key, beside the shopper's credentials, where the store has such keys.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-evercart-{store_id}",
        "description": "A guest's cart token where the store has cookies on; changes need the Origin of a page of it.",
    },
    "server": {"type": "http", "scheme": "bearer", "description": "A secret key with the scope."},
}
_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}}

Responses = dict[int | str, dict[str, Any]]


def answers(model: type[BaseModel], *statuses: int) -> Responses:
    """The first status (and any other success) with its shape, the others as problems."""
    shown: Responses = nothing(*(status for status in statuses if status >= 300))
    return shown | {s: {"model": model, "description": model.__doc__} for s in statuses if s < 300}


def nothing(*statuses: int) -> Responses:
    """Problems only: success has no body."""
    return {s: {"description": _STATUS[s], **(_PROBLEM if s >= 400 else {})} for s in statuses}


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The request body of an endpoint that reads it by itself."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def document(app: FastAPI, twins: APIRouter) -> dict[str, Any]:
    """The whole OpenAPI document, with the endpoints that are routed past FastAPI."""
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    hot = get_openapi(title=app.title, version=app.version, routes=twins.routes)
    for path, operations in hot["paths"].items():
        found["paths"].setdefault(path, {}).update(operations)
    _, bodies = models_json_schema([(m, "validation") for m in (*_BODIES, ProblemAnswer)], ref_template=_REF)
    parts = found.setdefault("components", {})
    parts["schemas"] = parts.get("schemas", {}) | hot["components"]["schemas"] | bodies["$defs"]
    parts["schemas"]["Problem"] = parts["schemas"].pop("ProblemAnswer")
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["securitySchemes"] = _SECURITY
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _finish(path, method, operation)
    found["paths"] = dict(sorted(found["paths"].items()))
    return found


def _shoppers(*, log_in: bool) -> list[dict[str, list[str]]]:
    """Who may call as a shopper; where the store's storefronts have keys, one of these stands beside it."""
    who = ("customer",) if log_in else ("customer", "guest", "cookie")
    return [{scheme: [] for scheme in (one, *beside)} for beside in ((), ("storefront",)) for one in who]


def _finish(path: str, method: str, operation: dict[str, Any]) -> None:
    """Refusals as the service gives them, credentials, and the headers that every write takes."""
    for status, answer in operation["responses"].items():
        if status.startswith(("4", "5")):
            answer |= {"description": _STATUS[int(status)], **_PROBLEM}  # FastAPI would tell of its own kind of 422
    if "{store_id}" not in path or path.endswith("/cart/token"):
        return
    shopper = "shoppers" in operation.get("tags", [])
    log_in = path.endswith("/claim") or "/merges" in path
    operation["security"] = _shoppers(log_in=log_in) if shopper else [{"server": []}]
    if method == "get":
        return
    names = _HEADERS if shopper else {"Idempotency-Key": _HEADERS["Idempotency-Key"]}
    operation.setdefault("parameters", []).extend(
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": text}
        for name, text in names.items()
    )
