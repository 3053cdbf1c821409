"""The reference as files, with the golden records as examples: what stands there once stood on the wire."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.reference.asyncapi import data_schemas, document
from deploy.reference.pages import index, page
from deploy.reference.topics import PURPOSES
from libs.contracts.codec import Record
from libs.contracts.events import EVENTS, Event
from libs.runtime.version import version

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/docs/events"
GOLDEN = ROOT / "tests/contract/golden/events"
WHOLE = (
    "with_country",
    "with_provider",
    "with_prefetch",
    "with_suspected",
    "with_further",
    "with_offer",
    "with_currency",
    "with_fail_over",
    "with_tracking",
    "with_viewed",
    "with_lines",
    "with_price",
    "with_order",
    "with_recipient",
    "with_channels",
    "with_exit_on",
    "with_also_low",
    "with_currencies",
    "with_hosts",
    "with_category",
    "told_before",
    "with_asked_price",
    "with_quiet_since",
    "with_unconfirmed",
    "with_consent_at",
    "with_silent",
    "with_mismatches",
    "with_reopened",
    "with_subject",
)
"""The golden files that hold every field of an event, the newest first."""


def files() -> dict[Path, str]:
    """What is to stand in the folder of the reference."""
    examples = {kind.type: example_of(kind) for kind in EVENTS}
    schemas = data_schemas()
    pages = {FOLDER / f"{name}.md": page(purpose, examples, schemas) for name, purpose in PURPOSES.items()}
    return pages | {
        FOLDER / "README.md": index(PURPOSES.values(), examples["cart.line_added"]),
        FOLDER / "asyncapi.json": dumped(document(version(), examples)),
    }


def example_of(kind: type[Event]) -> Record:
    """A record of an event with all its fields, as it is published today."""
    versions = range(kind.version, 0, -1)
    paths = [GOLDEN / f"{kind.type}.v{version}-{name}.json" for name in WHOLE for version in versions]
    path = next(path for path in paths if path.exists())
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    value = None if found["value"] is None else json.dumps(found["value"]).encode()
    service = (found["value"] or {}).get("service") or PURPOSES[kind.topic].writers[0]
    return Record(found["topic"], found["key"], value, found["headers"] | {"ce_source": f"/evercart/{service}"})


def dumped(asked: object) -> str:
    """JSON as it is checked in."""
    return json.dumps(asked, indent=1, ensure_ascii=False) + "\n"
