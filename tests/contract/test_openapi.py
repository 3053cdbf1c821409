"""The OpenAPI documents are good enough to generate clients from: names, words, and examples that keep their rules."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from tests.contract.documents import checked_in

DOCUMENTS = {service: checked_in(service) for service in ("cart", "notifier", "trigger", "console")}
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
        bodies = operation["requestBody"]["content"]
        body = bodies.get("application/json") or next(iter(bodies.values()))
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
    for what, schema, example in examples(service, operation):
        errors = rules(service, json.dumps(schema)).iter_errors(example)
        assert [(what, error.message) for error in errors] == []


@cache
def rules(service: str, schema: str) -> jsonschema_rs.Validator:
    """Of a schema, as JSON; most answers share one, and each takes all components along."""
    components = DOCUMENTS[service]["components"]
    return jsonschema_rs.validator_for(json.loads(schema) | {"components": components}, validate_formats=True)


SIGNED_IN_THE_BODY = {"take_mailgun_events"}
"""OpenAPI has no scheme for that."""


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_who_may_call_stands_in_the_document(service: str, operation: dict[str, Any]) -> None:
    refused = {"401", "403"} & set(operation["responses"])
    # the cart tells an unknown key from one that may not; elsewhere a key, or a signature, is right or wrong
    closed = refused == {"401", "403"} if service == "cart" else bool(refused)
    assert bool(operation["security"]) == (closed and operation["operationId"] not in SIGNED_IN_THE_BODY)


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


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_an_example_says_what_it_is_and_not_how_its_field_is_called(service: str, operation: dict[str, Any]) -> None:
    """Story: `"next": "next"`, a mismatch of "cart" and "order", and who merged into herself explained nothing."""
    for what, _, example in examples(service, operation):
        assert [(what, name) for name, value in told(example) if value in (name, "text")] == []


def told(example: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every text of an example with the name of its field."""
    if isinstance(example, dict):
        for each, value in example.items():
            yield from told(value, each)
    elif isinstance(example, list):
        for value in example:
            yield from told(value, name)
    else:
        yield name, example


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_what_is_told_of_goods_adds_up(service: str, operation: dict[str, Any]) -> None:
    for line in (each for _, _, example in examples(service, operation) for each in shapes(example)):
        if {"price", "quantity", "total"} <= set(line):
            assert line["total"] == line["price"] * line["quantity"]
        if {"lines", "units", "total"} <= set(line):
            assert line["total"] == sum(one["total"] for one in line["lines"])
            assert line["units"] == sum(one["quantity"] for one in line["lines"])


def shapes(example: Any) -> Iterator[dict[str, Any]]:
    """Every object in an example."""
    if isinstance(example, dict):
        yield example
    parts = example.values() if isinstance(example, dict) else example if isinstance(example, list) else ()
    for part in parts:
        yield from shapes(part)


@pytest.mark.parametrize("service", DOCUMENTS)
def test_schemas_have_names_that_say_what_they_are(service: str) -> None:
    schemas = DOCUMENTS[service]["components"]["schemas"]
    vague = {"Made", "Look", "Row", "United", "Costs", "Bounds", "Fault", "Available", "Rule", "Reserved"}
    assert not vague & set(schemas)
    assert [name for name in schemas if name.endswith("Answer") or name != schemas[name]["title"]] == []


@pytest.mark.parametrize("service", DOCUMENTS)
def test_words_of_answers_may_grow(service: str) -> None:
    """Closed are the words that callers send, also where they are told what they have sent."""
    document = DOCUMENTS[service]
    schemas = document["components"]["schemas"]
    operations = [operation for each in document["paths"].values() for operation in each.values()]
    answered = reached([operation["responses"] for operation in operations], document)
    closed = {name for name in answered if any("enum" in part for part in shapes(schemas[name]))}
    assert closed == ({"Currency", "StoreMessages"} if service == "cart" else set())
    grown = {name for name in answered if any("x-extensible-enum" in part for part in shapes(schemas[name]))}
    assert bool(grown) == (service != "console"), "or this test looks at nothing; the console answers with numbers"


def reached(part: Any, document: dict[str, Any]) -> set[str]:
    """The names of the schemas to which a part refers, directly or not."""
    found: set[str] = set()
    waiting = [part]
    seen: set[str] = set()
    while waiting:
        for shape in shapes(waiting.pop()):
            place = shape.get("$ref")
            if isinstance(place, str) and place not in seen:
                seen.add(place)
                _, _, kind, name = place.split("/")
                waiting.append(document["components"][kind][name])
                if kind == "schemas":
                    found.add(name)
    return found


LISTS = {
    "cart": {
        "list_stores",
        "read_audit",
        "list_carts",
        "list_merges",
        "list_merges_of_customer",
        "list_keys",
        "list_identities",
    },
    "notifier": {
        "explain_messages",
        "list_unclear_replies",
        "list_suppressions",
        "list_lifted",
        "list_template_versions",
    },
    "trigger": {"list_campaign_versions", "explain_decisions", "list_item_holders", "list_waited_items"},
    "console": set(),
}


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_list_is_paged_in_one_way(service: str, operation: dict[str, Any]) -> None:
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    paged = "next" in found(service, answer).get("properties", {})
    given = {one["name"]: one for one in (found(service, each) for each in operation["parameters"])}
    of_a_page = {"after", "limit"} & set(given)
    assert of_a_page == ({"after", "limit"} if paged else set())
    assert paged == (operation["operationId"] in LISTS[service])
    assert [
        name for name in given if name in ("before", "cursor", "page", "offset") and not given[name].get("deprecated")
    ] == []


@pytest.mark.parametrize(
    "scheme", [each for document in DOCUMENTS.values() for each in document["components"]["securitySchemes"].values()]
)
def test_a_generated_client_can_prove_who_it_is(scheme: dict[str, Any]) -> None:
    """Story: a cookie that was called after a placeholder could be set by no generator."""
    assert scheme["type"] == "http" or (scheme["in"] == "header" and re.fullmatch(r"[A-Z][A-Za-z-]+", scheme["name"]))


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_headers_are_such_that_a_generated_client_can_set_and_read_them(
    service: str, operation: dict[str, Any]
) -> None:
    """OpenAPI 3.1 has generators ignore `Accept`, `Content-Type` and `Authorization` among the parameters.

    Story: a generated client took the id of a cart as a UUID, and its HTTP library sends headers of text alone.
    """
    headers = [one for one in (found(service, each) for each in operation["parameters"]) if one["in"] == "header"]
    assert {one["name"].lower() for one in headers}.isdisjoint({"accept", "content-type", "authorization", "cookie"})
    assert all(one["description"].endswith(".") for one in headers)
    assert all(re.fullmatch(r"[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)*", one["name"]) for one in headers)
    assert all(one["schema"]["type"] == "string" and "format" not in one["schema"] for one in headers)
    if any(one["name"] == "Idempotency-Key" for one in headers):
        done = [answer for status, answer in operation["responses"].items() if status < "300"]
        assert all("Idempotency-Replayed" in answer["headers"] for answer in done)
