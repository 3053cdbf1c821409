"""What nobody in their right mind sends: to every parameter and every field that an OpenAPI document names."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

NUL = "a\x00b"
DEEP = "[" * 20_000
WRONG = {
    "nul": json.dumps(NUL),
    "surrogate": '"\\ud800"',
    "400 digits": "9" * 400,
    "minus 400 digits": "-" + "9" * 400,
    "infinite": "1e400",
    "before all time": '"0001-01-01T00:00:00+14:00"',
    "after all time": '"9999-12-31T23:59:59-14:00"',
    "a year of six digits": '"+123456-01-01T00:00:00Z"',
    "deep": DEEP,
}
"""Values of a JSON body, as they are written in it."""
IN_URLS = {
    "nul": "a%00b",
    "no UTF-8": "%FF%FE",
    "400 digits": "9" * 400,
    "no date": "9999-12-31T23:59:59-14:00",
    "markup": "%3Cb%3E%22",
}
IN_HEADERS = {"400 digits": "9" * 400, "quotes": '"' * 99, "bytes": "\xff\xfe", "no date": "9999-12-31T23:59:59-14:00"}


class Attack(NamedTuple):
    """A request, and what is wrong with it."""

    wrong: str
    method: str
    path: str
    headers: Mapping[str, str]
    content: str | None


def attacks(document: dict[str, Any], known: Mapping[str, str], body_of: Any = None) -> Iterator[Attack]:
    """Every operation of a document with everything wrong in turn; `known` are parameters of paths that are right, and
    `body_of` gives a body that is.
    """
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = body_of(method.upper(), path) if body_of is not None else None
            for attack in _of_operation(document, path, operation, known, body):
                yield attack._replace(method=method.upper())


def _of_operation(
    document: dict[str, Any], path: str, operation: dict[str, Any], known: Mapping[str, str], body: Any
) -> Iterator[Attack]:
    right = path.format_map(_Known(known))
    content = None if body is None else json.dumps(body)
    for parameter in (_resolved(document, one) for one in operation.get("parameters", [])):
        name, place = parameter["name"], parameter["in"]
        if place == "path":
            for wrong, text in IN_URLS.items():
                bad = path.format_map(_Known({**known, name: text}))
                yield Attack(f"{name}: {wrong}", "", bad, {}, content)
        elif place == "query":
            for wrong, text in IN_URLS.items():
                yield Attack(f"{name}: {wrong}", "", f"{right}?{name}={text}", {}, content)
        elif place == "header":
            for wrong, text in IN_HEADERS.items():
                yield Attack(f"{name}: {wrong}", "", right, {name: text}, content)
    if body is not None:
        for wrong, text in _bodies(document, operation, body):
            yield Attack(wrong, "", right, {}, text)


def _bodies(document: dict[str, Any], operation: dict[str, Any], body: Any) -> Iterator[tuple[str, str]]:
    yield "all of it: deep", DEEP
    yield "all of it: deep objects", '{"a":' * 20_000
    if "requestBody" not in operation:
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    for name in _resolved(document, schema).get("properties", {}):
        for wrong, text in WRONG.items():
            yield f"{name}: {wrong}", json.dumps({**body, name: "@"}).replace('"@"', text)
    for name, rows in body.items():
        for field in rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else ():
            for wrong, text in WRONG.items():
                bad = {**body, name: [{**rows[0], field: "@"}]}
                yield f"{name}/{field}: {wrong}", json.dumps(bad).replace('"@"', text)


def _resolved(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in found:
        at: Any = document
        for part in found["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        found = at
    return found


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "unknown"
