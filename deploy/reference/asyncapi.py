"""The AsyncAPI 3 document of all topics, made from the contracts. Pure: what it needs is handed in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from pydantic_core import from_json

from deploy.reference.feeds import FEED_FIELDS, FEED_RECORDS, FeedRecord
from deploy.reference.topics import PURPOSES, Purpose
from libs.contracts.codec import SPEC_VERSION, Record
from libs.contracts.events import EVENTS, Event
from libs.contracts.topics import Topic, dlq

JSON = "application/json"
BINDING = "0.5.0"
SCHEMA = "#/components/schemas/{model}"
_ABOUT = """What Evercart tells by Kafka, and what it listens to. Events are CloudEvents 1.0 in binary mode: attributes
in headers `ce_*`, JSON as value. A topic may have a prefix (`…_TOPIC_PREFIX`). Events only gain optional fields;
anything else is a new `ce_dataversion`. Pass over fields and types that you do not know."""
_INFO = {
    "title": "Evercart: events",
    "description": _ABOUT,
    "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
}


def _header(says: str, **rules: object) -> dict[str, object]:
    return {"type": "string", "description": says, **rules}


HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": _header("Version of CloudEvents.", const=SPEC_VERSION),
        "ce_id": _header("Unique: the same again is the same event.", format="uuid"),
        "ce_type": _header("What happened."),
        "ce_source": _header("Which service says so, such as `/evercart/cart`."),
        "ce_subject": _header("What it is about. Older records lack it."),
        "ce_time": _header("When it became true, in UTC.", format="date-time"),
        "ce_dataversion": _header("Version of this type's data; 1 where it is not there.", pattern="^[1-9][0-9]{0,3}$"),
        "content-type": _header("What the value is.", const=JSON),
    },
}


def data_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas of all events and feed records, and of what they are made of, by name."""
    models: list[type[BaseModel]] = [*(kind for kind in EVENTS if not kind.tombstone)]
    models += [record.model for records in FEED_RECORDS.values() for record in records]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template=SCHEMA)
    schemas: dict[str, dict[str, Any]] = made["$defs"]
    for name, schema in schemas.items():
        for field, rule in schema.get("properties", {}).items():
            said = FEED_FIELDS.get(f"{name}.{field}") or FEED_FIELDS.get(field)
            if said is not None:
                rule.setdefault("description", said)
    return schemas


def document(version: str, examples: Mapping[str, Record]) -> dict[str, Any]:
    """The document of this `version` of ours. `examples` are a record of each type of event."""
    messages = dict(_messages(examples))
    return {
        "asyncapi": "3.0.0",
        "id": "urn:evercart:events",
        "info": _INFO | {"version": version},
        "defaultContentType": JSON,
        "channels": {name: _channel(purpose, _named(name)) for name, purpose in PURPOSES.items()},
        "operations": dict(_operation(purpose) for purpose in PURPOSES.values()),
        "components": {"messages": messages, "schemas": {"Headers": HEADERS} | data_schemas()},
    }


def events_of(topic: str) -> list[type[Event]]:
    """The events of a topic, in the order of the contracts."""
    return [kind for kind in EVENTS if kind.topic == topic]


def _named(topic: str) -> Sequence[str]:
    feeds = [_feed_name(topic, record) for record in FEED_RECORDS.get(topic, ())]
    return [*(kind.type for kind in events_of(topic)), *feeds]


def _feed_name(topic: str, record: FeedRecord) -> str:
    return f"{topic}.{record.model.__name__.lower()}"


def _channel(purpose: Purpose, messages: Sequence[str]) -> dict[str, Any]:
    topic = purpose.topic
    return {
        "address": topic.name,
        "description": f"{purpose.about} What can't be read goes to `{dlq(topic.name)}`.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": BINDING,
            }
        },
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    policy = topic.config["cleanup.policy"].split(",")
    return {"cleanup.policy": policy} | {name: int(value) for name, value in topic.config.items() if value.isdigit()}


def _operation(purpose: Purpose) -> tuple[str, dict[str, Any]]:
    action, who = ("receive", purpose.readers) if purpose.fed else ("send", purpose.writers)
    name = purpose.topic.name
    return f"{action}.{name}", {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": f"{'Read' if purpose.fed else 'Written'} by {', '.join(who)}.",
        "messages": [{"$ref": f"#/channels/{name}/messages/{message}"} for message in _named(name)],
    }


def _messages(examples: Mapping[str, Record]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in EVENTS:
        yield kind.type, _event_message(kind, examples[kind.type])
    for topic, records in FEED_RECORDS.items():
        for record in records:
            name = _feed_name(topic, record)
            yield (
                name,
                _words(record.model)
                | {
                    "name": name,
                    "contentType": JSON,
                    "payload": {"$ref": SCHEMA.format(model=record.model.__name__)},
                    "bindings": _key(PURPOSES[topic]),
                    "examples": [{"name": "full", "payload": dict(record.example)}],
                },
            )


def _event_message(kind: type[Event], example: Record) -> dict[str, Any]:
    versions = [str(number) for number in range(1, kind.version + 1)]
    said = {"enum": versions} if len(versions) > 1 else {"const": versions[0]}
    typed = {"ce_type": {"const": kind.type}, "ce_dataversion": said}
    value = None if example.value is None else from_json(example.value)
    return _words(kind) | {
        "name": kind.type,
        "contentType": JSON,
        "headers": {"allOf": [{"$ref": SCHEMA.format(model="Headers")}, {"type": "object", "properties": typed}]},
        "payload": {"type": "null"} if kind.tombstone else {"$ref": SCHEMA.format(model=kind.__name__)},
        "bindings": _key(PURPOSES[kind.topic]),
        "examples": [{"name": "full", "headers": example.headers, "payload": value}],
    }


def _words(model: type[BaseModel]) -> dict[str, str]:
    """The first line of what a model says of itself as the summary, all of it as the description."""
    said = " ".join((model.__doc__ or "").split())
    return {"title": model.__name__, "summary": (model.__doc__ or "").split("\n")[0], "description": said}


def _key(purpose: Purpose) -> dict[str, Any]:
    key = {"type": "string", "description": f"Names {purpose.key}."}
    return {"kafka": {"key": key, "bindingVersion": BINDING}}
