"""Messages that the notifier has sent: whoever waited for an item has been told of it."""

from collections.abc import Sequence

from libs.contracts.events import Event, MessageSent, MessageUnknown
from libs.contracts.kinds import WAITED_FOR
from libs.contracts.topics import MESSAGE_EVENTS
from libs.inbox.records import Received, Refused, Wire, event_of
from services.cart.handlers.watches import WatchHandlers


class SentMessages:
    """What became of messages; of all but those about an item that is waited for nothing follows here."""

    topic = MESSAGE_EVENTS

    def __init__(self, watching: WatchHandlers) -> None:
        self._watching = watching

    def read(self, wire: Wire) -> Event:
        """An event of our own services. Raises `UnreadableError`."""
        return event_of(wire)

    async def handle(self, batch: Sequence[Received[Event]]) -> Sequence[Refused[Event]]:
        """Ends the watches of whoever was told; none is refused. One that may have been sent counts as sent."""
        sent = (one.event for one in batch if isinstance(one.event, MessageSent | MessageUnknown))
        if about := [event for event in sent if event.kind in WAITED_FOR and event.sku]:
            await self._watching.end_told(about)
        return ()
