"""The OpenAPI documents are good enough to generate clients from: names, words, and examples that keep their rules."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from tests.contract.documents import cart_openapi, notifier_openapi, trigger_openapi

DOCUMENTS = {"cart": cart_openapi(), "notifier": notifier_openapi(), "trigger": trigger_openapi()}
OPERATIONS = [
    pytest.param(service, operation, id=f"{service}:{operation['operationId']}")
    for service, document in DOCUMENTS.items()
    for operations in document["paths"].values()
    for operation in operations.values()
]


def found(service: str, part: Any) -> Any:
    """The part itself, or what it refers to."""
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = DOCUMENTS[service]["components"][kind][name]
    return part


def examples(service: str, operation: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What is exemplified, its schema, and the example."""
    for parameter in (found(service, each) for each in operation["parameters"]):
        yield parameter["name"], parameter["schema"], parameter["example"]
    if "requestBody" in operation:
        ((_, body),) = operation["requestBody"]["content"].items()
        yield "request", body["schema"], body["example"]
    for status, answer in operation["responses"].items():
        for kind, content in found(service, answer).get("content", {}).items():
            if kind == "text/event-stream":
                continue
            shown = content.get("examples", {})
            yield from ((status, content["schema"], found(service, each)["value"]) for each in shown.values())
            if "examples" not in content:
                yield status, content["schema"], content["example"]


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_an_operation_reads_well(service: str, operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
    assert operation["summary"]
    assert operation["description"].endswith(".")
    assert operation["tags"]
    assert [s for s in operation["responses"] if s < "400"]
    assert all(found(service, answer)["description"] for answer in operation["responses"].values())


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_example_keeps_the_rules_of_its_schema(service: str, operation: dict[str, Any]) -> None:
    components = DOCUMENTS[service]["components"]
    for what, schema, example in examples(service, operation):
        rules = jsonschema_rs.validator_for(schema | {"components": components}, validate_formats=True)
        assert [(what, error.message) for error in rules.iter_errors(example)] == []


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_who_may_call_stands_in_the_document(service: str, operation: dict[str, Any]) -> None:
    refused = {"401", "403"} & set(operation["responses"])
    # the cart tells an unknown key from one that may not; elsewhere a key, or a signature, is right or wrong
    closed = refused == {"401", "403"} if service == "cart" else bool(refused)
    assert bool(operation["security"]) == closed


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_scheme_that_is_asked_for_is_described(service: str, operation: dict[str, Any]) -> None:
    described = DOCUMENTS[service]["components"]["securitySchemes"]
    assert {name for way in operation["security"] for name in way} <= set(described)


@pytest.mark.parametrize("service", DOCUMENTS)
def test_names_are_unique_and_nothing_is_described_that_no_operation_uses(service: str) -> None:
    document = DOCUMENTS[service]
    components = document["components"]
    names = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    titles = [schema["title"] for schema in components["schemas"].values()]
    assert len(names) == len(set(names))
    assert len(titles) == len(set(titles)), "generators name classes by them"
    text = repr(document)
    unused = [
        f"{kind}/{name}"
        for kind in ("schemas", "parameters", "responses", "headers")
        for name in components.get(kind, {})
        if f"'#/components/{kind}/{name}'" not in text
    ]
    assert unused == []
