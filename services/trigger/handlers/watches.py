"""What a batch of events says of watches is written, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.by_type import of_types
from libs.contracts.events import CartEvent, Event, WatchCleared, WatchSet
from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from services.trigger.db import watches
from services.trigger.domain.saved_lines import SavedLines, in_turn, saved_lines


async def apply_watches(connection: Connection, events: Sequence[Event]) -> None:
    """Applies what was told of watches and of what is set aside, in their order; of who was erased nothing."""
    asked = {event.watch_id: event for event in of_types(events, WatchSet) if event.customer_id}
    if asked:
        people = [(event.store_id, event.customer_id or "") for event in asked.values()]
        erased = await erasure.among(connection, people)
        theirs = [
            event
            for event, who in zip(asked.values(), people, strict=True)
            if who not in erased or event.set_at > erased[who].until
        ]
        await watches.set_watches(connection, theirs)
    # nothing is told of a watch after it is over
    if over := {event.watch_id: event for event in of_types(events, WatchCleared)}:
        await watches.clear_watches(connection, over.values())
    if aside := [found for event in of_types(events, CartEvent) if (found := saved_lines(event))]:
        await _apply_saved_lines(connection, aside)


async def _apply_saved_lines(connection: Connection, told: Sequence[SavedLines]) -> None:
    people = [(one.store_id, one.customer_id) for one in told if one.customer_id and one.skus]
    erased = await erasure.among(connection, people)
    for carts in in_turn(told):
        theirs = []
        for one in carts:
            until = erased.get((one.store_id, one.customer_id or ""))
            theirs.append(one._replace(skus=()) if until is not None and one.at <= until.until else one)
        await watches.set_aside(connection, theirs)
