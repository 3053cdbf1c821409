"""Messages that the notifier has sent: whoever waited for an item has been told of it."""

from collections.abc import Sequence

from libs.contracts.events import Event, MessageSent, MessageUnknown
from libs.contracts.topics import MESSAGE_EVENTS
from libs.inbox.records import Received, Refused, Wire, event_of
from services.cart.handlers.watches import WatchHandlers

BACK_IN_STOCK = "back_in_stock"
"""The kind of campaigns that tell people of what they watch."""


class SentMessages:
    """What became of messages; of all but those about an item that is back nothing follows here."""

    topic = MESSAGE_EVENTS

    def __init__(self, watching: WatchHandlers) -> None:
        self._watching = watching

    def read(self, wire: Wire) -> Event:
        """An event of our own services. Raises `UnreadableError`."""
        return event_of(wire)

    async def handle(self, batch: Sequence[Received[Event]]) -> Sequence[Refused[Event]]:
        """Ends the watches of whoever was told; none is refused. One that may have been sent counts as sent."""
        sent = (one.event for one in batch if isinstance(one.event, MessageSent | MessageUnknown))
        if about := [event for event in sent if event.kind == BACK_IN_STOCK and event.sku]:
            await self._watching.end_told(about)
        return ()
