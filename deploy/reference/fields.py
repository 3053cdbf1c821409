"""Fields of JSON Schemas as rows of a table: name, type in words, whether it is there, what it says."""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]
_MANY = 12
_FORMATS = {"uuid": "UUID", "date-time": "time"}


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def table(schema: Schema, schemas: Schemas, leave_out: Iterable[str] = (), *, written: bool = True) -> str:
    """The fields of an object, with those of the objects in it under `outer.inner`; `schemas` are what it refers to.

    Of what is `written` here it says which fields are always there; of what is read here, which have to be. Gives ""
    where no field is left.
    """
    rows = list(_rows(schema, schemas, "", set(leave_out), written))
    return markdown(("field", "type", "there" if written else "needed", "what it says"), rows) if rows else ""


def _rows(schema: Schema, schemas: Schemas, before: str, leave_out: set[str], written: bool) -> Iterable[list[str]]:
    for name, rule in schema["properties"].items():
        if name in leave_out:
            continue
        # what is known is written even where a reader could do without it; null is left out
        there = ("if known" if _nullable(rule) else "always") if written else _needed(name, schema)
        yield [f"`{before}{name}`", _type(rule, schemas), there, _description(rule, schemas)]
        inner = _resolved(rule, schemas)
        inner = _resolved(inner.get("items", inner), schemas)
        if "properties" in inner:
            yield from _rows(inner, schemas, f"{before}{name}.", set(), written)


def _nullable(rule: Schema) -> bool:
    return any(option.get("type") == "null" for option in rule.get("anyOf", ()))


def _needed(name: str, schema: Schema) -> str:
    return "yes" if name in schema.get("required", ()) else ""


def _resolved(rule: Schema, schemas: Schemas) -> Schema:
    """The rule of a value that is there (null only tells Python that it is not), looked up where it is a reference."""
    options = [option for option in rule.get("anyOf", ()) if option.get("type") != "null"]
    found = options[0] if len(options) == 1 else rule
    return schemas[found["$ref"].rsplit("/", 1)[1]] if "$ref" in found else found


def _type(rule: Schema, schemas: Schemas) -> str:
    found = _resolved(rule, schemas)
    if "const" in found or "enum" in found:
        values = [f"`{value}`" for value in found.get("enum", [found.get("const")])]
        return ", ".join(values if len(values) <= _MANY else [values[0], "…", values[-1]])
    match found.get("type"):
        case "array":
            return f"list of {_type(found['items'], schemas)}s"
        case "object" if "additionalProperties" in found and "properties" not in found:
            return f"map of text to {_type(found['additionalProperties'], schemas)}"
        case "integer":
            return f"integer from {found['minimum']}" if "minimum" in found else "integer"
        case "string":
            return _FORMATS.get(found.get("format", ""), "text")
        case str(name):
            return name
    return "any"


def _description(rule: Schema, schemas: Schemas) -> str:
    said = rule.get("description") or _resolved(rule, schemas).get("description", "")
    return " ".join(str(said).split()).replace("|", "\\|")
