"""What recipients have answered to the question whether an address is theirs: from then on a consent counts."""

from collections.abc import Sequence

from libs.contracts.events import ConsentConfirmed, Event
from libs.contracts.topics import CUSTOMER_CONSENTS
from libs.inbox.records import Received, Refused, Wire, event_of
from services.cart.domain.errors import Refusal
from services.cart.handlers.guest_contacts import GuestContactHandlers


class ConsentAnswers:
    """The answers that the notifier has heard."""

    topic = CUSTOMER_CONSENTS

    def __init__(self, guests: GuestContactHandlers) -> None:
        self._guests = guests

    def read(self, wire: Wire) -> Event:
        """An event of our own services. Raises `UnreadableError`."""
        return event_of(wire)

    async def handle(self, batch: Sequence[Received[Event]]) -> Sequence[Refused[Event]]:
        """Takes them over one by one; none is refused, for what nobody waits for any more is over."""
        for received in batch:
            if isinstance(received.event, ConsentConfirmed):
                await self._take(received.event)
        return ()

    async def _take(self, answer: ConsentConfirmed) -> None:
        try:
            await self._guests.confirm(answer)
        except Refusal as refusal:  # more lost races than ever happen: it comes again
            raise TimeoutError(refusal.detail) from None
