"""Examples for the OpenAPI document: every shape in the words of one shop, so that they fit together."""

import re
from collections.abc import Mapping
from typing import Any

from libs.http.described_refusals import example
from services.cart.api.errors import CATALOGUE

_ID, _TIME = "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10", "2026-11-22T10:15:00Z"
WORDS: Mapping[str, Any] = {
    "store_id": "shop",
    "sku": "tea-100",
    "options": {"size": "100 g"},
    "title": "Mountain tea",
    "price": 1250,
    "quantity": 2,
    "units": 2,
    "total": 2500,
    "currency": "EUR",
    "exponent": 2,
    "version": 7,
    "customer_id": "anna",
    "identity": "loyalty-4711",
    "identities": ["loyalty-4711"],
    "into": "anna",
    "changed_at": [],
    "next": None,
    "device": "phone",
    "note": "For grandmother",
    "url": "https://shop.example/tea-100",
    "image_url": "https://shop.example/tea-100.jpg",
    "recovery_url": "https://shop.example/cart/r1_AZ0c0ffee",
    "token": "r1_AZ0c0ffee",
    "cart_token": "g1_1tS5mXo0c0ffee",
    "share_token": "s1_AZ0c0ffee",
    "attributes": {"channel": "web"},
    "inventory": {"tea-100": 12},
    "available": 12,
    "order_id": "10042",
    "tracking_url": "https://parcels.example/10042",
    "origin": "https://shop.example",
    "key_id": "5f0c9d4e2b7a1836",
    "name": "Anna",
    "email": "anna@shop.example",
    "phone": "+48221234567",
    "locale": "pl",
    "timezone": "Europe/Warsaw",
    "country": "PL",
    "region": "14",
    "history": [],
    "reason": None,
    "expires_at": "2026-11-23T10:15:00Z",
    "previous_until": None,
    "previous_used_at": None,
    "limit": 50,
    "changed": 1,
}
"""What things are called and how large they are here, by the name of the field. Where a word breaks the rule of
a field, the field's own type makes the example.
"""
_FORMATS = {"uuid": _ID, "date-time": _TIME, "uri": "https://shop.example/", "email": "anna@shop.example"}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:  # noqa: ANN401 - JSON
    """A value of the schema. `schemas` are the document's own, to which it may refer; `name` is that of the field."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for own in (schema.get("examples") or [])[:1], [schema["example"]] if "example" in schema else []:
        if own:
            return _completed(own[0], schema, schemas)
    if name in WORDS and _fits(WORDS[name], schema):
        return WORDS[name]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas, name)
    return _of_type(schema, schemas, name)


def _completed(value: Any, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """An example as its author wrote it, with what it lacks: a model may have it from another that it extends."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [_completed(item, schema.get("items", {}), schemas) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    parts = schema["properties"]
    lacking = [name for name in schema.get("required", ()) if name not in value]
    full = {name: _completed(part, parts.get(name, {}), schemas) for name, part in value.items()}
    return full | {name: example_of(parts[name], schemas, name) for name in lacking}


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - JSON
    match schema.get("type"):
        case "object":
            return {each: example_of(part, schemas, each) for each, part in schema.get("properties", {}).items()}
        case "array" if "prefixItems" in schema:
            return [example_of(item, schemas) for item in schema["prefixItems"]]
        case "array":
            return [example_of(schema["items"], schemas, name.removesuffix("s"))]
        case "integer" | "number":
            return schema.get("default", max(1, schema.get("minimum", 1)))
        case "boolean":
            return schema.get("default", True)
        case "string":
            return _FORMATS.get(schema.get("format", ""), name or "text")
    return None


def _fits(word: object, schema: Mapping[str, Any]) -> bool:
    """Whether a word has a type that the schema allows; rules beyond the type are for the test of the document."""
    kinds = [schema, *schema.get("anyOf", [])]
    items = [kind.get("items", {}) for kind in kinds]
    if any("enum" in kind or "const" in kind or "$ref" in kind for kind in (*kinds, *items)):
        return False
    allowed = {kind.get("type") for kind in kinds if _has_format(word, kind.get("format"))}
    return _TYPES[type(word)] in allowed


def _has_format(word: object, name: str | None) -> bool:
    """Whether a word can be of a format; of those without a shape of their own any text is."""
    shape = _SHAPED.get(name or "")
    return shape is None or (isinstance(word, str) and shape.fullmatch(word) is not None)


_SHAPED = {"uuid": re.compile("[0-9a-f-]{36}"), "date-time": re.compile("[0-9-]{10}T[0-9:]{8}Z")}
_TYPES = {str: "string", int: "integer", bool: "boolean", dict: "object", list: "array", type(None): "null"}


def problem_examples() -> dict[str, Any]:
    """One problem document of each type, by slug."""
    return {slug: example(CATALOGUE, slug) for slug in CATALOGUE}
