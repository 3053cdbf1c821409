"""What a batch of events says of watches is written, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.events import Event, MessageCancelled, MessageExpired, MessageFailed, WatchCleared, WatchSet
from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from services.trigger.db import watches

CAME_TO_NOTHING = (MessageCancelled, MessageExpired, MessageFailed)


async def apply_watches(connection: Connection, events: Sequence[Event]) -> None:
    """Applies what was told of watches, in their order, and of messages that came to nothing; those of who was erased
    are passed over.
    """
    asked = {event.watch_id: event for event in events if isinstance(event, WatchSet) and event.customer_id}
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
    if over := {event.watch_id: event for event in events if isinstance(event, WatchCleared)}:
        await watches.clear_watches(connection, over.values())
    if nothing := {event.reminder_id for event in events if isinstance(event, CAME_TO_NOTHING) and event.sku}:
        await watches.wait_again(connection, nothing)
