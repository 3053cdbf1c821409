"""The reference as Markdown: a page a topic, and one that leads to them. Pure: what it needs is handed in."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from pydantic_core import from_json

from deploy.reference.asyncapi import HEADERS, events_of
from deploy.reference.feeds import FEED_RECORDS, FeedRecord
from deploy.reference.fields import Schemas, markdown, table
from deploy.reference.topics import Purpose
from libs.contracts.codec import Record
from libs.contracts.events import Event
from libs.contracts.topics import DAY_MS, DEAD_LETTER_DAYS, Topic, dlq

_INDEX = Path(__file__).with_name("index.txt")
_FED = """Plain JSON, UTF-8, one object a record; no headers are needed, and fields that are not known are passed over.
More in [feeds](../../../services/cart/feeds/README.md)."""


def index(purposes: Iterable[Purpose], example: Record) -> str:
    """The page that leads to the others, with a whole record as an example."""
    head = ("topic", "what it says", "written by", "read by", "kept")
    rows = [
        (f"[{p.topic.name}]({p.topic.name}.md)", p.about, _who(p.writers), _who(p.readers), kept(p.topic))
        for p in purposes
    ]
    said = [(f"`{name}`", rule["description"]) for name, rule in HEADERS["properties"].items()]
    return _INDEX.read_text(encoding="utf-8").format(
        topics=markdown(head, rows),
        headers=markdown(("header", "what it says"), said),
        example=_shown(example),
        days=DEAD_LETTER_DAYS,
    )


def page(purpose: Purpose, examples: Mapping[str, Record], schemas: Schemas) -> str:
    """The page of a topic; `examples` are a record of each type of event, `schemas` those of all data by name."""
    topic = purpose.topic
    facts = [
        ("written by", _who(purpose.writers)),
        ("read by", _who(purpose.readers)),
        ("key", purpose.key),
        ("kept", kept(topic)),
        ("partitions", str(topic.partitions)),
        ("dead letters", f"`{dlq(topic.name)}`"),
    ]
    if purpose.fed:
        sections = [_FED, *(_of_feed(record, schemas) for record in FEED_RECORDS[topic.name])]
    else:
        sections = list(_of_events(events_of(topic.name), examples, schemas))
    head = f"# {topic.name}\n\n{purpose.about}\n\n{markdown(('', ''), facts)}"
    return "\n\n".join([head, *sections, "All topics: [events](README.md)."]) + "\n"


def kept(topic: Topic) -> str:
    """How long records stay, in words."""
    days = f"{int(topic.config['retention.ms']) // DAY_MS} days" if "retention.ms" in topic.config else ""
    if not topic.compacted:
        return days
    return f"the newest of each key{f', at most {days}' if days else ''}"


def _who(names: Sequence[str]) -> str:
    return ", ".join(names) or "your systems, if they like"


def _of_events(kinds: Iterable[type[Event]], examples: Mapping[str, Record], schemas: Schemas) -> Iterator[str]:
    for base, family in groupby(kinds, key=lambda kind: kind.__mro__[1]):
        shared = set(base.model_fields) if base is not Event else set()
        if shared:
            heading = " ".join(re.findall("[A-Z][a-z]*", base.__name__)).capitalize()
            shape = base.model_json_schema()
            fields = table(shape, shape.get("$defs", {}))
            yield f"## {heading}\n\n{_prose(base.__doc__)}\n\nEach of these has the fields\n\n{fields}"
        for kind in family:
            yield "\n\n".join(_of_event(kind, examples[kind.type], shared, schemas))


def _of_event(kind: type[Event], example: Record, shared: set[str], schemas: Schemas) -> Iterator[str]:
    version = f", version {kind.version}" if kind.version > 1 else ""
    yield f"{'###' if shared else '##'} {kind.type}{version}\n\n{_prose(kind.__doc__)}"
    if kind.tombstone:
        yield "The value is null: the key says all."
    else:
        yield table(schemas[kind.__name__], schemas, shared) or "It has no other fields."
    yield _folded(_shown(example))


def _of_feed(record: FeedRecord, schemas: Schemas) -> str:
    fields = table(schemas[record.model.__name__], schemas, written=False)
    example = _block({"key": record.key, "value": dict(record.example)})
    return f"## {record.name}\n\n{_prose(record.model.__doc__)}\n\n{fields}\n\n{_folded(example)}"


def _prose(said: str | None) -> str:
    return "\n".join(line.strip() for line in (said or "").strip().splitlines())


def _shown(record: Record) -> str:
    value = None if record.value is None else from_json(record.value)
    return _block({"key": record.key, "headers": record.headers, "value": value})


def _block(shown: Mapping[str, object]) -> str:
    return f"```json\n{json.dumps(shown, indent=2, ensure_ascii=False)}\n```"


def _folded(block: str) -> str:
    return f"<details><summary>Example</summary>\n\n{block}\n\n</details>"
