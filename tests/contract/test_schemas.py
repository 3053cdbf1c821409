"""The shapes that others build against are checked in, so that a change of one is seen in review.

`python -m tests.contract.test_schemas` writes them anew.
"""

import json
from typing import Any

from libs.contracts.events import EVENTS
from libs.contracts.topics import LIVE, TOPICS, dlq
from tests.contract.golden import FOLDER

EVENT_SCHEMAS = FOLDER / "events.schema.json"


def event_schemas() -> dict[str, Any]:
    """JSON Schema of each event's data by topic, type and version."""
    return {
        f"{kind.type} v{kind.version}": {"topic": kind.topic, "data": kind.model_json_schema()}
        for kind in sorted(EVENTS, key=lambda k: k.type)
    }


def dump(document: object) -> str:
    """As it is checked in."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def test_the_schema_of_every_event_is_the_one_that_was_reviewed() -> None:
    assert dump(event_schemas()) == EVENT_SCHEMAS.read_text(encoding="utf-8")


def test_every_topic_has_a_dead_letter_topic_and_every_event_a_topic() -> None:
    assert {kind.topic for kind in EVENTS} == {topic.name for topic in LIVE}
    assert {topic.name for topic in TOPICS} == {n for topic in LIVE for n in (topic.name, dlq(topic.name))}


if __name__ == "__main__":
    EVENT_SCHEMAS.write_text(dump(event_schemas()), encoding="utf-8")
