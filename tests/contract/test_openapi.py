"""The OpenAPI document is good enough to generate a client from: names, words, and examples that keep its own rules."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from tests.contract.documents import cart_openapi

DOCUMENT = cart_openapi()
OPERATIONS = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
COMPONENTS = DOCUMENT["components"]


def found(part: Any) -> Any:
    """The part itself, or what it refers to."""
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = COMPONENTS[kind][name]
    return part


def examples(operation: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What is exemplified, its schema, and the example."""
    for parameter in map(found, operation["parameters"]):
        yield parameter["name"], parameter["schema"], parameter["example"]
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]
        yield "request", body["schema"], body["example"]
    for status, answer in operation["responses"].items():
        for kind, content in found(answer).get("content", {}).items():
            if kind == "text/event-stream":
                continue
            yield from ((status, content["schema"], found(e)["value"]) for e in content.get("examples", {}).values())
            if "examples" not in content:
                yield status, content["schema"], content["example"]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_reads_well(path: str, method: str, operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
    assert operation["summary"]
    assert operation["description"].endswith(".")
    assert operation["tags"]
    assert [s for s in operation["responses"] if s < "300"]
    assert all(found(answer)["description"] for answer in operation["responses"].values())


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_example_keeps_the_rules_of_its_schema(path: str, method: str, operation: dict[str, Any]) -> None:
    for what, schema, example in examples(operation):
        rules = jsonschema_rs.validator_for(schema | {"components": COMPONENTS}, validate_formats=True)
        assert [(what, error.message) for error in rules.iter_errors(example)] == []


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_who_may_call_stands_in_the_document(path: str, method: str, operation: dict[str, Any]) -> None:
    closed = {"401", "403"} <= set(operation["responses"])
    assert bool(operation["security"]) == closed


def test_names_are_unique_and_nothing_is_described_that_no_operation_uses() -> None:
    names = [operation["operationId"] for operations in DOCUMENT["paths"].values() for operation in operations.values()]
    titles = [schema["title"] for schema in COMPONENTS["schemas"].values()]
    assert len(names) == len(set(names))
    assert len(titles) == len(set(titles)), "generators name classes by them"
    text = repr(DOCUMENT)
    unused = [
        f"{kind}/{name}"
        for kind in ("schemas", "parameters", "responses", "headers")
        for name in COMPONENTS[kind]
        if f"'#/components/{kind}/{name}'" not in text
    ]
    assert unused == []
