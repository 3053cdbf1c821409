"""Messages about items that came to nothing have told nobody, in the caller's transaction."""

from collections.abc import Sequence

from libs.contracts.by_type import of_types
from libs.contracts.events import Event, MessageCancelled, MessageExpired, MessageFailed
from libs.postgres.pool import Connection
from services.trigger.db import decisions, watches

CAME_TO_NOTHING = (MessageCancelled, MessageExpired, MessageFailed)


async def apply_untold(connection: Connection, events: Sequence[Event]) -> None:
    """Whoever a message was for that was not sent waits on for its item, and it does not cool down for them."""
    if nothing := {event.reminder_id for event in of_types(events, *CAME_TO_NOTHING) if event.sku}:
        await decisions.note_untold(connection, nothing)
        await watches.wait_again(connection, nothing)
