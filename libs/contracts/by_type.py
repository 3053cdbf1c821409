"""Takes the events of some types out of a batch.

Each class is asked once, not each event: `isinstance` of a pydantic model costs ten times what it costs of others.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

from libs.contracts.events import Event

E = TypeVar("E", bound=Event)


def types_among(events: Iterable[Event], *types: type[Event]) -> frozenset[type[Event]]:
    """Which classes of the events are of the `types`, or derived from them."""
    return frozenset(one for one in set(map(type, events)) if issubclass(one, types))


def of_types(events: Sequence[Event], *types: type[E]) -> list[E]:
    """Those of the events that are of the `types`, in their order."""
    wanted = types_among(events, *types)
    return [cast("E", event) for event in events if type(event) in wanted] if wanted else []
