"""What a batch of records is counted as."""

from collections import deque
from typing import Any, cast

from libs.inbox.batch import Batch, Fault, Item
from libs.inbox.records import Received, Record
from tests.unit.trigger.making import T0, added


def item(topic: str | None, fault: Fault | None = None) -> Item[Any]:
    """A record of a topic, or one that says nothing."""
    said = Received(added("a", 1, T0), topic, 0, 0, T0) if topic is not None else None
    return Item(cast("Record", object()), said, fault)


def test_what_can_be_read_is_counted_by_topic():
    found = Batch(deque([item("one"), item("two"), item(None), item("one"), item(None, Fault("broken"))]))
    assert found.read_by_topic() == {"one": 2, "two": 1}
