"""The reference of events says what the contracts say, in AsyncAPI's form, with examples that keep the schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from deploy.reference.asyncapi import data_schemas
from deploy.reference.feeds import FEED_FIELDS, FEED_RECORDS
from deploy.reference.files import FOLDER, example_of, files
from deploy.reference.topics import PURPOSES, SHOP
from libs.contracts.codec import decode
from libs.contracts.events import EVENTS, Event
from libs.contracts.topics import CART_HORIZON, FEEDS, LIVE
from libs.runtime.version import version
from services.cart.feeds.consents import ConsentAnswers
from services.cart.feeds.erasures import ErasureReports
from services.cart.feeds.inventory import InventoryFeed, read_inventory_record
from services.cart.feeds.orders import OrderFeed
from services.cart.feeds.records import read_order_record
from services.notifier.consumer import TOPICS as NOTIFIER_READS
from services.trigger.consumer import TOPICS as TRIGGER_READS
from tests.contract.samples import FULL

MADE = files()
DOCUMENT: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
RULES = json.loads((Path(__file__).with_name("asyncapi") / "3.0.0.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(MADE), ids=lambda p: p.name)
def test_a_page_says_what_the_contracts_say(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == MADE[path], "look at the change, then: python -m deploy.reference"


def test_the_folder_holds_the_reference_and_nothing_else() -> None:
    assert set(FOLDER.iterdir()) == set(MADE)


def test_every_topic_has_its_page() -> None:
    assert set(PURPOSES) == {topic.name for topic in LIVE + FEEDS}
    assert all(purpose.topic.name == name for name, purpose in PURPOSES.items())
    assert {name for name, purpose in PURPOSES.items() if purpose.fed} == {topic.name for topic in FEEDS}


def test_the_document_keeps_the_rules_of_asyncapi() -> None:
    rules = jsonschema_rs.Draft7Validator(RULES, validate_formats=True)
    assert [f"{'/'.join(map(str, e.instance_path))}: {e.message[:200]}" for e in rules.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize("part", ["info", "channels", "operations"])
def test_the_rules_of_asyncapi_notice_a_fault(part: str) -> None:
    rules = jsonschema_rs.Draft7Validator(RULES)
    assert not rules.is_valid({**DOCUMENT, part: {"x": {"action": "shout", "wrong": 1}}})
    assert not rules.is_valid({**DOCUMENT, "asyncapi": "2.6.0"})


def references(part: Any) -> Iterator[str]:
    """All `$ref` of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_reference_of_the_document_leads_somewhere_and_every_message_is_told_of() -> None:
    found = set(references(DOCUMENT))
    for reference in found:
        part = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    components = DOCUMENT["components"]
    named = {f"#/components/{kind}/{name}" for kind in components for name in components[kind]}
    assert named - found == set()


def test_the_document_tells_the_version_of_the_release() -> None:
    assert DOCUMENT["info"]["version"] == version()
    assert DOCUMENT["asyncapi"].startswith("3.")


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("part", ["headers", "payload"])
def test_an_example_keeps_the_rules_of_its_message(name: str, part: str) -> None:
    message = MESSAGES[name]
    if part not in message:
        assert part == "headers", "records of feeds need none"
        return
    rules = jsonschema_rs.validator_for({**message[part], "components": DOCUMENT["components"]}, validate_formats=True)
    assert message["examples"]
    assert [e.message for example in message["examples"] for e in rules.iter_errors(example[part])] == []


@pytest.mark.parametrize("kind", EVENTS, ids=lambda k: k.type)
def test_the_example_of_an_event_is_one_that_readers_read(kind: type[Event]) -> None:
    record = example_of(kind)
    assert decode(record.key, record.headers, record.value) == FULL[kind]
    assert record.headers["ce_source"].removeprefix("/evercart/") in PURPOSES[kind.topic].writers


@pytest.mark.parametrize("record", [r for records in FEED_RECORDS.values() for r in records], ids=lambda r: r.name)
def test_the_example_of_a_feed_is_one_that_is_read(record: Any) -> None:
    value = json.dumps(dict(record.example)).encode()
    read = read_order_record(value) if "type" in record.example else read_inventory_record(value)
    assert type(read) is record.model
    assert {str(value) for value in record.example.values()} >= {record.key}


def test_every_field_has_words_and_all_words_belong_to_one() -> None:
    schemas = data_schemas()
    objects = {name: schema["properties"] for name, schema in schemas.items() if "properties" in schema}
    fields = {(name, field): rule for name, properties in objects.items() for field, rule in properties.items()}
    assert [place for place, rule in fields.items() if not rule.get("description")] == []
    named = {f"{name}.{field}" for name, field in fields} | {field for _, field in fields}
    assert set(FEED_FIELDS) - named == set()


def test_who_reads_and_writes_is_what_the_services_do() -> None:
    said = {
        service: {name for name, purpose in PURPOSES.items() if service in purpose.readers}
        for service in ("cart", "trigger", "notifier")
    }
    assert said == {
        "cart": {feed.topic.name for feed in (OrderFeed, InventoryFeed, ConsentAnswers, ErasureReports)},
        "trigger": {*TRIGGER_READS, CART_HORIZON.name},
        "notifier": set(NOTIFIER_READS),
    }
    assert {w for purpose in PURPOSES.values() for w in purpose.writers} == {
        "cart",
        "trigger",
        "notifier",
        "console",
        SHOP,
    }
