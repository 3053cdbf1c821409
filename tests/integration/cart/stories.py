"""What the events of carts tell, and whether it adds up."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from libs.contracts.events import CartEvent, Event, LineAdded, LineQuantitySet, LineRemoved


def stories_of(events: Iterable[Event]) -> dict[UUID, list[CartEvent]]:
    """The events of each cart, in their order."""
    stories: dict[UUID, list[CartEvent]] = defaultdict(list)
    for event in events:
        if isinstance(event, CartEvent):
            stories[event.cart_id].append(event)
    return stories


def tells_truly(story: list[CartEvent]) -> None:
    """Versions count up without a gap, times never go back, differences add up, and nothing follows the end."""
    assert [event.cart_version for event in story] == list(range(1, len(story) + 1))
    assert [event.occurred_at for event in story] == sorted(event.occurred_at for event in story)
    assert not any(event.closes for event in story[:-1])
    for before, event in zip([None, *story], story, strict=False):
        held = dict(before.holds) if before else {}
        match event:
            case LineAdded():
                held[event.sku] = held.get(event.sku, 0) + event.added
            case LineQuantitySet():
                held[event.sku] += event.quantity - event.previous
            case LineRemoved():
                held[event.sku] -= event.previous
            case _:
                continue
        assert {sku: units for sku, units in held.items() if units} == event.holds
