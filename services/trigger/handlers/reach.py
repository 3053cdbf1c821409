"""What is told of how customers can be reached is kept, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.by_type import of_types
from libs.contracts.events import Event, ReachErased, ReachSet
from libs.postgres.pool import Connection
from services.trigger.db import reach


async def apply_reach(connection: Connection, events: Sequence[Event]) -> None:
    """Takes over what a batch says, of each customer the last."""
    told: list[ReachSet | ReachErased] = of_types(events, ReachSet, ReachErased)
    last = {event.key(): event for event in told}
    if gone := [event for event in last.values() if isinstance(event, ReachErased)]:
        await reach.forget(connection, gone)
    if known := [event for event in last.values() if isinstance(event, ReachSet)]:
        await reach.keep(connection, known)
