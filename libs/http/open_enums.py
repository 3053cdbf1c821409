"""Enumerations of answers as open strings: a client that was generated today has to read tomorrow's word, too."""

from collections.abc import Iterator, Mapping
from typing import Any

KNOWN = "x-extensible-enum"
"""Beside `type: string`: the words that there are now. Generators without a name for it see a string."""
MORE = "More words may come."
_NAMED_IN_WORDS = 20
"""Longer lists of words are not repeated in a description."""


def open_answers(document: dict[str, Any]) -> None:
    """Opens the enumerations of all schemas that no request has. What callers send stays closed, and so does a shape
    that says back to them what they sent.
    """
    schemas = document["components"]["schemas"]
    operations = [one for each in document["paths"].values() for one in each.values()]
    sent = _reached([(one.get("parameters"), one.get("requestBody")) for one in operations], schemas)
    for name, schema in schemas.items():
        if name not in sent:
            schemas[name] = _opened(schema, schemas)


def referred(part: object) -> Iterator[str]:
    """The names of the schemas to which a part of a document refers by itself."""
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str) and part["$ref"].startswith("#/components/schemas/"):
            yield part["$ref"].rpartition("/")[2]
        for each in part.values():
            yield from referred(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from referred(each)


def _reached(parts: object, schemas: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = list(referred(parts))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += referred(schemas[name])
    return found


def _opened(part: Any, schemas: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(part, list):
        return [_opened(each, schemas) for each in part]
    if not isinstance(part, dict):
        return part
    if _closed(target := _target(part, schemas)):
        return _open(target | {key: value for key, value in part.items() if key != "$ref"})
    return {key: _opened(value, schemas) for key, value in part.items()}


def _target(part: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """What a reference leads to, where the part is one."""
    name = next(iter(referred({"$ref": part.get("$ref")})), None)
    return dict(part if name is None else schemas[name])


def _closed(schema: Mapping[str, Any]) -> bool:
    return "enum" in schema and schema.get("type") == "string"


def _open(schema: dict[str, Any]) -> dict[str, Any]:
    words = schema.pop("enum")
    known = f"One of {', '.join(words)}. {MORE}" if len(words) <= _NAMED_IN_WORDS else MORE
    schema.pop("title", None)
    said = schema.get("description", "")
    return schema | {KNOWN: words, "description": f"{said} {known}".strip()}
