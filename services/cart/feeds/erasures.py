"""What other services have done to erase a customer: it goes onto the receipt."""

from collections.abc import Sequence

from libs.contracts.events import Event
from libs.contracts.topics import CUSTOMER_ERASURES
from libs.inbox.records import Received, Refused, Wire, event_of
from services.cart.handlers.erasure import ErasureHandlers


class ErasureReports:
    """The answers to this service's own requests."""

    topic = CUSTOMER_ERASURES

    def __init__(self, erasing: ErasureHandlers) -> None:
        self._erasing = erasing

    def read(self, wire: Wire) -> Event:
        """An event of our own services. Raises `UnreadableError`."""
        return event_of(wire)

    async def handle(self, batch: Sequence[Received[Event]]) -> Sequence[Refused[Event]]:
        """Takes them over; none is refused."""
        await self._erasing.collect(batch)
        return ()
