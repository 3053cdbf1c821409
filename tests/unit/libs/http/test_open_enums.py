from typing import Any

from libs.http.open_enums import KNOWN, open_answers

WORDS = {"type": "string", "enum": ["red", "blue"]}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def opened(schemas: dict[str, Any], **operation: Any) -> dict[str, Any]:
    document = {"components": {"schemas": schemas}, "paths": {"/x": {"post": operation}}}
    open_answers(document)
    return document["components"]["schemas"]


def test_words_of_an_answer_are_strings_and_the_known_ones_are_told():
    """Story: a client generated in spring could not read an order of autumn, for its status was a new word."""
    lamp = {"properties": {"colour": WORDS | {"title": "Colour"}, "more": {"anyOf": [WORDS, {"type": "null"}]}}}
    known = {"type": "string", KNOWN: ["red", "blue"], "description": "One of red, blue. More words may come."}
    assert opened({"Lamp": lamp})["Lamp"] == {
        "properties": {"colour": known, "more": {"anyOf": [known, {"type": "null"}]}}
    }


def test_what_callers_send_stays_closed_also_far_down():
    schemas = {"Order": {"properties": {"lamp": {"items": ref("Lamp")}}}, "Lamp": {"properties": {"colour": WORDS}}}
    body = {"requestBody": {"content": {"json": {"schema": ref("Order")}}}}
    assert opened(schemas, **body)["Lamp"]["properties"]["colour"] == WORDS
    parameters = [{"schema": ref("Lamp")}]
    assert opened(schemas, parameters=parameters)["Lamp"]["properties"]["colour"] == WORDS


def test_an_answer_that_refers_to_the_words_of_a_request_opens_its_own():
    body = {"requestBody": {"schema": ref("Colour")}}
    schemas = {
        "Colour": WORDS | {"examples": ["red"]},
        "Lamp": {"properties": {"colour": ref("Colour") | {"description": "Of it."}}},
    }
    found = opened(schemas, **body)
    assert found["Colour"] == WORDS | {"examples": ["red"]}
    assert found["Lamp"]["properties"]["colour"] == {
        "type": "string",
        "examples": ["red"],
        KNOWN: ["red", "blue"],
        "description": "Of it. One of red, blue. More words may come.",
    }


def test_only_words_are_opened_and_shapes_go_on_being_referred_to():
    numbers, const = {"type": "integer", "enum": [1, 2]}, {"type": "string", "const": "urn:x:1"}
    schemas = {"Lamp": {"properties": {"n": numbers, "c": const, "o": ref("Other")}}, "Other": {"type": "object"}}
    assert opened(schemas)["Lamp"] == {"properties": {"n": numbers, "c": const, "o": ref("Other")}}


def test_twenty_words_are_said_in_words_and_more_are_not():
    many = [f"w{number}" for number in range(21)]
    said = opened({"A": {"items": WORDS | {"enum": many[:20]}}, "B": {"items": WORDS | {"enum": many}}})
    assert said["A"]["items"]["description"] == f"One of {', '.join(many[:20])}. More words may come."
    assert said["B"]["items"] == {"type": "string", KNOWN: many, "description": "More words may come."}
